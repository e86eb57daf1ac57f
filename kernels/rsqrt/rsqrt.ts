import { codeRange } from "../codes.ts";
import { scalar } from "../constant.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { lowerElementwise } from "../loops/elementwise.ts";
import { lowerLookup } from "../loops/lookup.ts";
import { sequential } from "../loops/sequential.ts";
import { mul } from "../mul/mul.ts";
import { inverseSqrt } from "../numerics/fixed-point.ts";
import { type Multiplier, multiplyByQuantizedMultiplier, quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, requires, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

/** `1 / sqrt(x)`. f32, int8 or int16; integer codes that have no root (0 and below) give the largest code. */
export const rsqrt: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "rsqrt",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => 1 / Math.sqrt(v))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [mul(mul(dy!, scalar(-0.5)), mul(y!, mul(y!, y!)))],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("rsqrt", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("rsqrt_f32", call),
      i8: () => lowerI8(call),
      i16: () => lowerI16(call),
    }),
  samples: [
    { inputs: [[1]], range: [0.5, 2] },
    { inputs: [[3, 43]], range: [0.5, 8] },
  ],
});

type Types = Pick<LowerCall<never>, "inputs" | "outputs">;

/** Bits that TFLite keeps of the root before the output's scale. */
const BITS = 20;

function rescaling({ inputs: [x], outputs: [y] }: Types): Multiplier {
  const [sx, sy] = [quantOf(x!).scale[0]!, quantOf(y!).scale[0]!];
  const { m, shift } = quantizeMultiplier(1 / Math.fround(Math.fround(Math.sqrt(sx)) * sy));
  return { m, shift: shift - BITS };
}

function lowerI8(call: Types): Lowered {
  const [zx, zy] = [quantOf(call.inputs[0]!).zeroPoint[0]!, quantOf(call.outputs[0]!).zeroPoint[0]!];
  const output = rescaling(call);
  return lowerLookup(call, (q) => {
    if (q <= zx) return 127;
    const { m, shift } = inverseSqrt(q - zx);
    return multiplyByQuantizedMultiplier(multiplyByQuantizedMultiplier(1, { m, shift: shift + BITS }), output) + zy;
  });
}

function lowerI16(call: Types): Lowered {
  const [zx, zy] = [quantOf(call.inputs[0]!).zeroPoint[0]!, quantOf(call.outputs[0]!).zeroPoint[0]!];
  requires(zx === 0 && zy === 0, () => `rsqrt: int16 zero points are ${zx} and ${zy}, expected 0`);
  const { m, shift } = rescaling(call);
  const [lo, hi] = codeRange("i16");
  return sequential(lowerElementwise("rsqrt_i16", call, [i32(m), i32(shift), i32(lo), i32(hi)]));
}
