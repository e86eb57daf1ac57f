/** A board as the demo uses it. */
import type { Build } from "../../../sdk/compile/compile.ts";
import { PithError } from "../../../sdk/error.ts";
import type { BoardName } from "../board-names.ts";
import type { DemoDevice } from "./device.ts";

export interface DemoBoard {
  flash(build: Build): Promise<readonly [device: DemoDevice, line: string]>;
  close(): Promise<void>;
}

/** Throws unsupported or toolchain where this machine cannot run it. */
export async function openBoard(name: BoardName): Promise<DemoBoard> {
  throw new PithError("unsupported", `board ${name}: not in this version`);
}
