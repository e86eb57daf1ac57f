import { scalar } from "../constant.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerFixedLookup } from "../loops/fixed-lookup.ts";
import { lowerSigmoidI16 } from "../loops/sigmoid-i16.ts";
import { mul } from "../mul/mul.ts";
import { logisticFixed } from "../numerics/fixed-point.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";
import { sub } from "../sub/sub.ts";

/** Logistic function `1 / (1 + e^-x)`. f32, int8 (output 1/256, zero point -128) or int16 (output 1/32768). */
export const logistic: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "logistic",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => 1 / (1 + Math.exp(-v)))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [mul(dy!, mul(y!, sub(scalar(1), y!)))],
  quantize: { output: { scale: 1 / 256, zeroPoint: -128 } },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("logistic", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("logistic_f32", call),
      // Q0.31 to eight fraction bits.
      i8: () => lowerFixedLookup(call, logisticFixed, 8, -128),
      i16: () => lowerSigmoidI16("logistic", call, [0]),
    }),
  samples: ELEMENTWISE_SAMPLES,
});
