import { div } from "../div/div.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { lowerElementwise } from "../loops/elementwise.ts";
import { lowerRealLookup } from "../loops/lookup.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Natural logarithm, relative error below 2^-22 away from 1; -infinity at 0, NaN below. f32 or int8. */
export const log: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "log",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.log(v))],
  gradient: ({ inputs: [x], outGrads: [dy] }) => [div(dy!, x!)],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("log", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("log_f32", call),
      i8: () => lowerRealLookup(call, Math.log),
    }),
  samples: [
    { inputs: [[1]], range: [0.5, 2] },
    { inputs: [[4, 7]], range: [0.5, 2] },
    { inputs: [[3, 43]], range: [0.01, 1000] },
  ],
});
