import { add } from "../add/add.ts";
import { codeRange } from "../codes.ts";
import { scalar } from "../constant.ts";
import { greater } from "../greater/greater.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerLookup } from "../loops/lookup.ts";
import { sequential } from "../loops/sequential.ts";
import { mul } from "../mul/mul.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, f32, i32, type LowerCall, type Lowered, type Op, requires, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = { alpha: number };

/** `x`, or `alpha x` where x is not above 0; alpha may be negative or above 1. f32, int8 or int16. */
export const leakyRelu: Op<[x: Tensor], Attrs> = defineOp({
  name: "leakyRelu",
  attrs: { alpha: 0.01 },
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x], { alpha }) => [x!.data.map((v) => (v > 0 ? v : v * alpha))],
  gradient: ({ inputs: [x], outGrads: [dy], attrs: { alpha } }) => [
    mul(dy!, add(mul(greater(x!, scalar(0)), scalar(1 - alpha)), scalar(alpha))),
  ],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("leakyRelu", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("leakyRelu_f32", call, [f32(call.attrs.alpha)]),
      i8: () => lowerI8(call),
      i16: () => lowerI16(call),
    }),
  samples: [
    ...ELEMENTWISE_SAMPLES,
    { inputs: [[3, 17]], attrs: { alpha: 0.25 }, range: [-8, 8] },
    { inputs: [[3, 17]], attrs: { alpha: -0.5 } },
  ],
});

/** The two slopes; products and quotients of scales are f32 in TFLite, and a negative slope keeps its sign apart. */
function slopes({ inputs: [x], outputs: [y], attrs: { alpha } }: LowerCall<Attrs>) {
  const f = Math.fround;
  const [qx, qy] = [quantOf(x!), quantOf(y!)];
  const below = f(f(qx.scale[0]! * f(alpha)) / qy.scale[0]!);
  return {
    above: quantizeMultiplier(f(qx.scale[0]! / qy.scale[0]!)),
    below: quantizeMultiplier(Math.abs(below)),
    sign: below < 0 ? -1 : 1,
    zx: qx.zeroPoint[0]!,
    zy: qy.zeroPoint[0]!,
  };
}

function lowerI8(call: LowerCall<Attrs>): Lowered {
  const { above, below, sign, zx, zy } = slopes(call);
  return lowerLookup(call, (q) => {
    const x = q - zx;
    return zy + (x >= 0 ? multiplyByQuantizedMultiplier(x, above) : sign * multiplyByQuantizedMultiplier(x, below));
  });
}

function lowerI16(call: LowerCall<Attrs>): Lowered {
  const { above, below, sign, zx, zy } = slopes(call);
  requires(
    Math.max(above.shift, below.shift) <= 14,
    () => `leakyRelu: int16 slopes 2^${above.shift} and 2^${below.shift}, expected below 2^14`,
  );
  const [lo, hi] = codeRange("i16");
  const numbers = [zx, above.m, above.shift, below.m, below.shift, sign, zy, lo, hi];
  return sequential(lowerElementwise("leakyRelu_i16", call, numbers.map(i32)));
}
