import { byDtype } from "../loops/by-dtype.ts";
import { lowerElementwise } from "../loops/elementwise.ts";
import { lowerRealLookup } from "../loops/lookup.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** `e^x`, relative error below 2^-22; results below the normal range are 0. f32 or int8. */
export const exp: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "exp",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.exp(v))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [mul(dy!, y!)],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("exp", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("exp_f32", call),
      i8: () => lowerRealLookup(call, Math.exp),
    }),
  samples: [{ inputs: [[1]] }, { inputs: [[4, 7]], range: [-3, 3] }, { inputs: [[3, 43]], range: [-60, 1] }],
});
