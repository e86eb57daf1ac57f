import { scalar } from "../constant.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerFixedLookup } from "../loops/fixed-lookup.ts";
import { lowerSigmoidI16 } from "../loops/sigmoid-i16.ts";
import { mul } from "../mul/mul.ts";
import { tanhFixed } from "../numerics/fixed-point.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";
import { sub } from "../sub/sub.ts";

/** Hyperbolic tangent. f32, int8 (output 1/128, zero point 0) or int16 (output 1/32768). */
export const tanh: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "tanh",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.tanh(v))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [mul(dy!, sub(scalar(1), mul(y!, y!)))],
  quantize: { output: { scale: 1 / 128, zeroPoint: 0 } },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("tanh", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("tanh_f32", call),
      // Q0.31 to seven fraction bits.
      i8: () => lowerFixedLookup(call, tanhFixed, 7, 0),
      i16: () => lowerSigmoidI16("tanh", call, [0, 1]),
    }),
  samples: ELEMENTWISE_SAMPLES,
});
