/** Board names of the contract, and the code behind those that this version has. */

import type { CTarget } from "../../sdk/compile/emit-c/prelude.ts";
import type { Board } from "../../sdk/device/board.ts";
import { PithError } from "../../sdk/error.ts";
import { BOARDS } from "../../targets/index.ts";
import { oneOf } from "./values.ts";

interface BoardEntry {
  readonly about: string;
  readonly target: CTarget;
}

export const BOARD_TABLE = {
  virtual: { about: "the device agent built for this computer, on a pseudo-terminal", target: "host" },
  "qemu-m0": { about: "micro:bit under QEMU", target: "cortex-m0plus" },
  "qemu-m3": { about: "mps2-an385 under QEMU", target: "cortex-m3" },
  "qemu-m4": { about: "mps2-an386 under QEMU, UART on a pseudo-terminal", target: "cortex-m4" },
  "qemu-m7": { about: "mps2-an500 under QEMU", target: "cortex-m7" },
  "qemu-m33": { about: "mps2-an505 under QEMU", target: "cortex-m33" },
  "qemu-m55": { about: "mps3-an547 under QEMU", target: "cortex-m55" },
  "qemu-riscv32": { about: "virt under QEMU", target: "riscv32" },
} as const satisfies Readonly<Record<string, BoardEntry>>;

export type BoardName = keyof typeof BOARD_TABLE;
export const BOARD_NAMES = Object.keys(BOARD_TABLE) as BoardName[];

export const isBoardName = (name: string): name is BoardName => Object.hasOwn(BOARD_TABLE, name);
export const hasBoard = (name: BoardName): boolean => Object.hasOwn(BOARDS, name);

/** Unknown names are usage errors, known ones that are not there yet "unsupported". */
export function boardNamed(name: string, where = "--board"): Board {
  const known = oneOf(where, name, BOARD_NAMES);
  const board = BOARDS[known];
  if (!board)
    throw new PithError(
      "unsupported",
      `${where} ${known}: not supported in this version, expected one of ${BOARD_NAMES.filter(hasBoard).join(", ")}`,
    );
  return board;
}
