/** All targets and boards by name. */

import type { NativeTarget } from "../sdk/compile/target.ts";
import type { Board } from "../sdk/device/board.ts";
import { PithError } from "../sdk/error.ts";
import { nearMiss } from "../sdk/near-miss.ts";
import { qemuM4 } from "./boards/qemu-m4.ts";
import { virtual } from "./boards/virtual.ts";
import { NATIVE_TARGETS } from "./native/target.ts";

export { NATIVE_TARGETS };
export const BOARDS: Readonly<Record<string, Board>> = { virtual, "qemu-m4": qemuM4 };

/** Every name that --target takes; "wasm" is the portable module alone. */
export const TARGET_NAMES: readonly string[] = ["wasm", ...Object.keys(NATIVE_TARGETS)];

/** The target of a name; undefined for "wasm". Throws "usage" with the near miss. */
export function targetNamed(name: string): NativeTarget | undefined {
  if (name === "wasm") return undefined;
  const target = Object.hasOwn(NATIVE_TARGETS, name) ? NATIVE_TARGETS[name] : undefined;
  if (!target)
    throw new PithError(
      "usage",
      `--target: "${name}"${nearMiss(name, TARGET_NAMES)}, expected one of ${TARGET_NAMES.join(", ")}`,
    );
  return target;
}

/** Throws "usage" with the near miss. */
export function boardNamed(name: string): Board {
  const board = Object.hasOwn(BOARDS, name) ? BOARDS[name] : undefined;
  if (!board)
    throw new PithError(
      "usage",
      `--board: "${name}"${nearMiss(name, Object.keys(BOARDS))}, expected one of ${Object.keys(BOARDS).join(", ")}`,
    );
  return board;
}
