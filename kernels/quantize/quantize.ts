import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { sequential } from "../loops/sequential.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier, roundHalfAway } from "../numerics/requantize.ts";
import { defineOp, f32, i32, type LowerCall, type Lowered, type Op, requires, type Tensor } from "../op.ts";

type Attrs = { scale: number; zeroPoint: number; fromScale: number; fromZeroPoint: number };

/**
 * f32 to int8: `q = clamp(round(x / scale) + zeroPoint)`, half away from zero; or int8 at (fromScale,
 * fromZeroPoint) to int8 at (scale, zeroPoint), requantized; fromScale 0 means f32. The output type carries the
 * quantization, the attributes repeat that of an int8 input.
 */
export const quantize: Op<[x: Tensor], Attrs> = defineOp({
  name: "quantize",
  attrs: { scale: 1, zeroPoint: 0, fromScale: 0, fromZeroPoint: 0 },
  infer: ([x], { scale, zeroPoint, fromScale }) => {
    requires(x!.dtype === "f32" || x!.dtype === "i8", () => `quantize: input is ${x!.dtype}, expected f32 or i8`);
    requires(
      (x!.dtype === "i8") === fromScale > 0,
      () => `quantize: input is ${x!.dtype} and fromScale is ${fromScale}, expected a scale for int8 and 0 for f32`,
    );
    return [{ dtype: "i8", shape: x!.shape, quant: { scale: [Math.fround(scale)], zeroPoint: [zeroPoint] } }];
  },
  // The division is rounded to f32, as the kernel's is: it decides ties.
  reference: ([x], attrs) => [
    x!.data.map((v) =>
      attrs.fromScale === 0
        ? clampCode(roundHalfAway(Math.fround(Math.fround(v) / Math.fround(attrs.scale))) + attrs.zeroPoint)
        : clampCode(multiplyByQuantizedMultiplier(v - attrs.fromZeroPoint, multiplier(attrs)) + attrs.zeroPoint),
    ),
  ],
  quantize: { unsupported: "quantize makes int8 tensors; the quantizer inserts it" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) => (call.inputs[0]!.dtype === "i8" ? lowerI8(call) : lowerF32(call)),
  samples: [
    ...ELEMENTWISE_SAMPLES.map((s) => ({ ...s, attrs: { scale: 0.03125, zeroPoint: -3 } })),
    ...[0.02, 0.05, 1].map((scale) => ({
      inputs: [[3, 17]],
      dtypes: ["i8" as const],
      range: [-128, 127] as const,
      attrs: { scale, zeroPoint: -9, fromScale: 0.05, fromZeroPoint: 3 },
    })),
  ],
});

const clampCode = (q: number): number => Math.min(127, Math.max(-128, q));

function lowerF32(call: LowerCall<Attrs>): Lowered {
  return lowerElementwise("quantize_f32", call, [f32(call.attrs.scale), i32(call.attrs.zeroPoint)]);
}

function lowerI8(call: LowerCall<Attrs>): Lowered {
  const { m, shift } = multiplier(call.attrs);
  requires(
    shift <= 22,
    () => `quantize: from scale ${call.attrs.fromScale} to ${call.attrs.scale}, expected a ratio below 2^22`,
  );
  const { zeroPoint, fromZeroPoint } = call.attrs;
  return sequential(
    lowerElementwise("quantize_i8", call, [
      i32(fromZeroPoint),
      i32(m),
      i32(shift),
      i32(zeroPoint),
      i32(-128),
      i32(127),
    ]),
  );
}

const multiplier = ({ scale, fromScale }: Attrs) => quantizeMultiplier(Math.fround(fromScale) / Math.fround(scale));
