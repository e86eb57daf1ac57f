/** What the demo needs of whatever runs the model: a board, or the module in Node. */
import type { TypedArray } from "../../../kernels/op.ts";
import type { CompiledModel } from "../../../sdk/runtime/module.ts";

export interface DemoDevice {
  readonly name: string;
  /** Codes in, codes out. */
  infer(inputs: Record<string, TypedArray>): Promise<Record<string, TypedArray>>;
  /** What the monitors counted since the last call, word by word. */
  newCounts(): Promise<ArrayLike<number>>;
}

export function nodeDevice(module: CompiledModel): DemoDevice {
  let before = module.monitors();
  return {
    name: "the module in Node",
    infer: async (inputs) => module.infer(inputs),
    async newCounts() {
      const now = module.monitors();
      const counts = now.map((count, i) => count - before[i]!);
      before = now;
      return counts;
    },
  };
}
