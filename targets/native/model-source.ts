import type { Region } from "../../sdk/compile/emit-c/header.ts";

/** An emitted model and the tables of its plan: all that building and running it needs. Offsets are in ram. */
export interface ModelSource {
  readonly name: string;
  readonly c: string;
  readonly h: string;
  readonly ramBytes: number;
  readonly inputs: readonly Region[];
  readonly outputs: readonly Region[];
  /** The output of each step, in order. */
  readonly steps: readonly Region[];
}
