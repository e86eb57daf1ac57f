/** Integer codes at another scale, clamped: relu, reluN1To1 and quantize of integer tensors. */
import { quantizedBounds } from "../activation.ts";
import { codeRange } from "../codes.ts";
import { type Multiplier, multiplyByQuantizedMultiplier, quantizeMultiplier } from "../numerics/requantize.ts";
import { DTYPE_BYTES, i32, type LowerCall, type Lowered, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerElementwise } from "./elementwise.ts";
import { lowerLookup } from "./lookup.ts";
import { sequential } from "./sequential.ts";

type Types = Pick<LowerCall<never>, "inputs" | "outputs">;

/**
 * Arguments `src, dst, zpIn, m, shift, zpOut, lo, hi, n`. From 8 bits to 8 bits one table lookup instead.
 * `ratio` is input scale / output scale as the reference forms it, in f32 or in f64.
 */
export function lowerRescale(kernel: string, call: Types, activation: string, ratio: number): Lowered {
  const [x, y] = [call.inputs[0]!, call.outputs[0]!];
  const [qx, qy] = [quantOf(x), quantOf(y)];
  const multiplier = quantizeMultiplier(ratio);
  const [zx, zy] = [qx.zeroPoint[0]!, qy.zeroPoint[0]!];
  const [lo, hi] = activation === "none" ? codeRange(y.dtype) : quantizedBounds(activation, qy, y.dtype);
  const bits = 8 * DTYPE_BYTES[x.dtype];
  requires(
    bits === 32 || multiplier.shift <= 30 - bits,
    () => `${kernel}: scales ${qx.scale[0]} to ${qy.scale[0]}, expected a ratio below 2^${30 - bits}`,
  );
  if (bits === 8 && DTYPE_BYTES[y.dtype] === 1) return lowerLookup(call, rescaledCode(multiplier, zx, zy, lo, hi));
  const { m, shift } = multiplier;
  const lowered = lowerElementwise(kernel, call, [i32(zx), i32(m), i32(shift), i32(zy), i32(lo), i32(hi)]);
  return {
    ...sequential(lowered),
    ...(DTYPE_BYTES[y.dtype] <= DTYPE_BYTES[x.dtype] ? { alias: [[0, 0]] } : {}),
  };
}

const rescaledCode =
  (multiplier: Multiplier, zx: number, zy: number, lo: number, hi: number) =>
  (q: number): number =>
    Math.min(hi, Math.max(lo, multiplyByQuantizedMultiplier(q - zx, multiplier) + zy));

/** Input scale / output scale in f32, as TFLite's relu forms it. */
export const quotientOfScales = ({ inputs: [x], outputs: [y] }: Types): number =>
  Math.fround(quantOf(x!).scale[0]! / quantOf(y!).scale[0]!);
