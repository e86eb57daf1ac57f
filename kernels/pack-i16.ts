/** Parameters of the int16x8 kernels: int16 activations, int8 weights, both symmetric. */
import { quantizeMultiplier } from "./numerics/requantize.ts";
import { reduceMultiplier } from "./numerics/requantize-wide.ts";
import type { Family, TensorType, TypedArray } from "./op.ts";
import { effectiveScales, quantOf } from "./pack.ts";

/** Products of an int16 and an int8 that a 32-bit sum always holds: 511 * 2^22 < 2^31. */
export const SAFE_PRODUCTS = 511;

/** Per output channel { bias i64, multiplier i32, right shift i32 } of 64-bit sums, as i32 words, low word first. */
export function wideParams(
  x: TensorType,
  w: TensorType,
  out: TensorType,
  bias: TypedArray | undefined,
  n: number,
): Int32Array {
  const params = new Int32Array(n * 4);
  const biases = new BigInt64Array(params.buffer);
  effectiveScales(x, w, out, n).forEach((scale, c) => {
    const { m, right } = reduceMultiplier(quantizeMultiplier(scale));
    biases[c * 2] = BigInt(bias?.[c] ?? 0);
    params[c * 4 + 2] = m;
    params[c * 4 + 3] = right;
  });
  return params;
}

/** The same layout for 32-bit sums that are rounded twice: { bias, multiplier, shift }. */
export function doubleParams(
  x: TensorType,
  w: TensorType,
  out: TensorType,
  bias: TypedArray | undefined,
  n: number,
): Int32Array {
  const params = new Int32Array(n * 4);
  effectiveScales(x, w, out, n).forEach((scale, c) => {
    const { m, shift } = quantizeMultiplier(scale);
    params.set([Number(bias?.[c] ?? 0), 0, m, shift], c * 4);
  });
  return params;
}

/** Families with a micro-kernel for int16 (isa/matvec16.*.as.ts). */
export const hasNarrow = (family: Family): boolean => family === "pair" || family === "pairdot" || family === "dot4";

/**
 * How many products of weights [n][depth] a 32-bit sum holds whatever the activations are: all of them where every
 * row proves 32768 * sum|w| < 2^31, else the number that any weights allow. `undefined` weights are computed ones.
 */
export function chunkOf(weights: ArrayLike<number> | undefined, n: number, depth: number): number {
  if (!weights) return Math.min(depth, SAFE_PRODUCTS);
  return largestRow(weights, n, depth) < 2 ** 16 ? depth : Math.min(depth, SAFE_PRODUCTS);
}

function rowSum(weights: ArrayLike<number>, row: number, depth: number): number {
  let sum = 0;
  for (let i = 0; i < depth; i++) sum += Math.abs(weights[row * depth + i]!);
  return sum;
}

const largestRow = (weights: ArrayLike<number>, n: number, depth: number): number => {
  let most = 0;
  for (let c = 0; c < n; c++) most = Math.max(most, rowSum(weights, c, depth));
  return most;
};

/** int16 kernels have no zero points. */
export function checkSymmetric(op: string, types: readonly TensorType[]): void {
  for (const type of types)
    if (quantOf(type).zeroPoint.some((z) => z !== 0))
      throw new RangeError(
        `${op}: int16 tensor with zero point ${quantOf(type).zeroPoint}, expected 0 (int16 is symmetric)`,
      );
}
