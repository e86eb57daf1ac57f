import { scalar } from "../constant.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerRealLookup } from "../loops/lookup.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";
import { sin } from "../sin/sin.ts";

/** Cosine of radians; absolute error below 2^-22 for |x| <= 8192. */
export const cos: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "cos",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.cos(v))],
  gradient: ({ inputs: [x], outGrads: [dy] }) => [mul(mul(dy!, sin(x!)), scalar(-1))],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("cos", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("cos_f32", call),
      i8: () => lowerRealLookup(call, Math.cos),
    }),
  samples: ELEMENTWISE_SAMPLES,
});
