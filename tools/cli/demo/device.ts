/** What the demo needs of whatever runs the model: a board, or the module in Node. */
import type { TypedArray } from "../../../kernels/op.ts";
import type { CompiledModel } from "../../../sdk/runtime/module.ts";

export interface DemoDevice {
  readonly name: string;
  /** Codes in, codes out. */
  infer(inputs: Record<string, TypedArray>): Promise<Record<string, TypedArray>>;
  /** The monitors region, in words: counts since the monitors were reset. */
  counts(): Promise<ArrayLike<number>>;
  resetMonitors(): Promise<void>;
  close(): Promise<void>;
}

export const nodeDevice = (module: CompiledModel): DemoDevice => ({
  name: "the module in Node",
  infer: async (inputs) => module.infer(inputs),
  counts: async () => module.monitors(),
  resetMonitors: async () => module.resetMonitors(),
  close: async () => undefined,
});
