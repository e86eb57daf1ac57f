import { codeRange } from "../codes.ts";
import { scalar } from "../constant.ts";
import { greater } from "../greater/greater.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerLookup } from "../loops/lookup.ts";
import { sequential } from "../loops/sequential.ts";
import { mul } from "../mul/mul.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";
import { sub } from "../sub/sub.ts";

/** Absolute value. f32, int8 or int16. The gradient is 0 at 0. */
export const abs: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "abs",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map(Math.abs)],
  gradient: ({ inputs: [x], outGrads: [dy] }) => [mul(dy!, sub(greater(x!, scalar(0)), greater(scalar(0), x!)))],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("abs", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("abs_f32", call),
      i8: () => lowerI8(call),
      i16: () => lowerI16(call),
    }),
  samples: ELEMENTWISE_SAMPLES,
});

type Types = Pick<LowerCall<never>, "inputs" | "outputs">;

function quantization({ inputs: [x], outputs: [y] }: Types) {
  const [qx, qy] = [quantOf(x!), quantOf(y!)];
  // The ratio is an f32 quotient in TFLite.
  const multiplier = quantizeMultiplier(Math.fround(qx.scale[0]! / qy.scale[0]!));
  return { multiplier, zx: qx.zeroPoint[0]!, zy: qy.zeroPoint[0]! };
}

function lowerI8(call: Types): Lowered {
  const { multiplier, zx, zy } = quantization(call);
  return lowerLookup(call, (q) => multiplyByQuantizedMultiplier(Math.abs(q - zx), multiplier) + zy);
}

function lowerI16(call: Types): Lowered {
  const { multiplier, zx, zy } = quantization(call);
  const [lo, hi] = codeRange("i16");
  const { m, shift } = multiplier;
  return sequential(lowerElementwise("abs_i16", call, [i32(zx), i32(m), i32(shift), i32(zy), i32(lo), i32(hi)]));
}
