import { cos } from "../cos/cos.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerRealLookup } from "../loops/lookup.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Sine of radians; absolute error below 2^-22 for |x| <= 8192. */
export const sin: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "sin",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.sin(v))],
  gradient: ({ inputs: [x], outGrads: [dy] }) => [mul(dy!, cos(x!))],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("sin", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("sin_f32", call),
      i8: () => lowerRealLookup(call, Math.sin),
    }),
  samples: ELEMENTWISE_SAMPLES,
});
