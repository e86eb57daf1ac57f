import { saturate } from "../codes.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerRescale } from "../loops/rescale.ts";
import { sequential } from "../loops/sequential.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier, roundHalfAway } from "../numerics/requantize.ts";
import { type DType, defineOp, f32, i32, type LowerCall, type Lowered, type Op, requires, type Tensor } from "../op.ts";

type Attrs = { scale: number; zeroPoint: number; fromScale: number; fromZeroPoint: number; dtype: string };

const DTYPES = ["i8", "u8", "i16", "i32"] as const satisfies readonly DType[];

/**
 * f32 to codes of `dtype` (i8 or i16): `q = clamp(round(x / scale) + zeroPoint)`, half away from zero; or codes (i8, u8,
 * i16, i32) at (fromScale, fromZeroPoint) to codes of `dtype` at (scale, zeroPoint), requantized; fromScale 0 means
 * f32. The output type carries the quantization, the attributes repeat that of an integer input.
 */
export const quantize: Op<[x: Tensor], Attrs> = defineOp({
  name: "quantize",
  attrs: { scale: 1, zeroPoint: 0, fromScale: 0, fromZeroPoint: 0, dtype: "i8" },
  infer: ([x], { scale, zeroPoint, fromScale, dtype }) => {
    const from = x!.dtype;
    const to = DTYPES.find((d) => d === dtype);
    requires(
      to !== undefined && (from === "f32" ? to === "i8" || to === "i16" : DTYPES.some((d) => d === from)),
      () => `quantize: from ${from} to ${dtype}, expected f32 to i8 or i16, or any two of ${DTYPES.join(", ")}`,
    );
    requires(
      (from !== "f32") === fromScale > 0,
      () => `quantize: input is ${from} and fromScale is ${fromScale}, expected a scale for integers and 0 for f32`,
    );
    return [{ dtype: to, shape: x!.shape, quant: { scale: [Math.fround(scale)], zeroPoint: [zeroPoint] } }];
  },
  // The division is rounded to f32, as the kernel's is: it decides ties.
  reference: ([x], attrs, [out]) => [
    x!.data.map((v) =>
      saturate(
        (attrs.fromScale === 0
          ? roundHalfAway(Math.fround(Math.fround(v) / Math.fround(attrs.scale)))
          : multiplyByQuantizedMultiplier(v - attrs.fromZeroPoint, quantizeMultiplier(ratio(attrs)))) + attrs.zeroPoint,
        out!.dtype,
      ),
    ),
  ],
  quantize: { unsupported: "quantize makes integer tensors; the quantizer inserts it" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "u8", "i16", "i32"], cpu: ["f32"] },
  lower: (call) => {
    const integer = (): Lowered => lowerInteger(call);
    return byDtype("quantize", call.inputs[0]!.dtype, {
      f32: () => lowerF32(call),
      i8: integer,
      u8: integer,
      i16: integer,
      i32: integer,
    });
  },
  samples: [
    ...ELEMENTWISE_SAMPLES.map((s) => ({ ...s, attrs: { scale: 0.03125, zeroPoint: -3 } })),
    { inputs: [[3, 17]], range: [-40, 40], attrs: { scale: 0.001, zeroPoint: 5, dtype: "i16" } },
    ...[0.02, 0.05, 1].map((scale) => ({
      inputs: [[3, 17]],
      dtypes: ["i8" as const],
      range: [-128, 127] as const,
      attrs: { scale, zeroPoint: -9, fromScale: 0.05, fromZeroPoint: 3 },
    })),
    ...(["u8", "i16", "i32"] as const).map((dtype) => ({
      inputs: [[3, 17]],
      dtypes: ["i8" as const],
      range: [-128, 127] as const,
      attrs: { scale: 0.003, zeroPoint: 0, fromScale: 0.05, fromZeroPoint: 3, dtype },
    })),
  ],
});

const ratio = ({ scale, fromScale }: Attrs): number => Math.fround(fromScale) / Math.fround(scale);

function lowerF32(call: LowerCall<Attrs>): Lowered {
  const { scale, zeroPoint } = call.attrs;
  const more = [f32(scale), i32(zeroPoint)];
  if (call.outputs[0]!.dtype === "i8") return lowerElementwise("quantize_f32", call, more);
  return { ...sequential(lowerElementwise("quantize_f32_i16", call, more)), alias: [[0, 0]] };
}

/** Quantizations come from the attributes, which hold where the input's type was stripped of its own. */
function lowerInteger({ inputs: [x], outputs: [y], attrs }: LowerCall<Attrs>): Lowered {
  const typed = {
    inputs: [{ ...x!, quant: { scale: [Math.fround(attrs.fromScale)], zeroPoint: [attrs.fromZeroPoint] } }],
    outputs: [{ ...y!, quant: { scale: [Math.fround(attrs.scale)], zeroPoint: [attrs.zeroPoint] } }],
  };
  return lowerRescale(`quantize_${x!.dtype}_${y!.dtype}`, typed, "none", ratio(attrs));
}
