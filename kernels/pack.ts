/**
 * Packing of int8 weights for the matvec micro-kernels (kernels/isa/matvec.*.as.ts): `n` output channels of `k`
 * weights each, k padded with zeros to a multiple of 4.
 */

import { type Multiplier, quantizeMultiplier } from "./numerics/requantize.ts";
import type { Family, Quant, TensorType } from "./op.ts";

export const paddedDepth = (k: number): number => (k + 3) & ~3;

/** `weights` is [n, k] row-major. */
export function packWeights(weights: Int8Array, n: number, k: number, family: Family): Int8Array {
  const depth = paddedDepth(k);
  if (family === "pairdot" || family === "dot4") {
    // [n / 8][depth / 2][8 channels][2]: two load8x8_s give eight channels' pairs.
    const groups = (n + 7) >> 3;
    const out = new Int8Array(groups * depth * 8);
    for (let c = 0; c < n; c++)
      for (let i = 0; i < k; i++) out[((c >> 3) * depth + (i & ~1)) * 8 + (c & 7) * 2 + (i & 1)] = weights[c * k + i]!;
    return out;
  }
  // pair: within four, order 0 2 1 3, so that sxtb16 yields (0, 1) and its rotated form (2, 3).
  const place = family === "pair" ? [0, 2, 1, 3] : [0, 1, 2, 3];
  const out = new Int8Array(n * depth);
  for (let c = 0; c < n; c++)
    for (let i = 0; i < k; i++) out[c * depth + (i & ~3) + place[i & 3]!] = weights[c * k + i]!;
  return out;
}

/**
 * Effective scale `sx * sw / sy` of each output channel as TensorFlow Lite forms it: in f64 from f32 scales, except
 * that fully connected weights (rank 2) with one scale round the product sx * sw to f32 first
 * (kernel_util.cc, GetQuantizedConvolutionMultipler).
 */
export function effectiveScales(x: TensorType, w: TensorType, out: TensorType, n: number): readonly number[] {
  const scaleIn = quantOf(x).scale[0]!;
  const scaleOut = quantOf(out).scale[0]!;
  const scales = quantOf(w).scale;
  if (scales.length > 1) return Array.from({ length: n }, (_, c) => (scaleIn * scales[c]!) / scaleOut);
  const product = scaleIn * scales[0]!;
  return new Array<number>(n).fill((w.shape.length === 2 ? Math.fround(product) : product) / scaleOut);
}

/** The multiplier of each of `n` output channels. */
export const multipliersOf = (x: TensorType, w: TensorType, out: TensorType, n: number): readonly Multiplier[] =>
  effectiveScales(x, w, out, n).map(quantizeMultiplier);

/** Scale of each output channel of symmetric weights, for kernels that dequantize on the fly. */
export function weightScales(w: TensorType, n: number): Float32Array {
  const { scale, zeroPoint } = quantOf(w);
  if (zeroPoint.some((z) => z !== 0))
    throw new RangeError(`weights have zero point ${zeroPoint}, expected 0 (weights are symmetric)`);
  return Float32Array.from({ length: n }, (_, c) => scale[scale.length === 1 ? 0 : c]!);
}

/** Per output channel { bias, multiplier, shift }, i32. */
export function channelParams(
  x: TensorType,
  w: TensorType,
  out: TensorType,
  bias: Int32Array | undefined,
  n: number,
): Int32Array {
  const params = new Int32Array(n * 3);
  multipliersOf(x, w, out, n).forEach(({ m, shift }, c) => {
    params.set([bias?.[c] ?? 0, m, shift], c * 3);
  });
  return params;
}

/** The quantization of an integer tensor; its absence is a defect of the pass before. */
export function quantOf(type: TensorType): Quant {
  if (!type.quant)
    throw new RangeError(`${type.dtype} tensor has no scale, expected a quantized type (run quantize first)`);
  return type.quant;
}
