/**
 * Rows of activations times a matrix of weights, reduce family: four output channels at a time.
 * blocks: for every four channels i32 start [4] (bias, less the input zero point times the sum of weights),
 * i8 weights [depth / 16][4][16], i32 multipliers [4], i32 shifts [4] (negative: right); `depth` is k rounded up to
 * 16, weights behind k and channels behind n are zero (kernels/isa/pack-reduce.ts). 16-aligned.
 * x: i8, raw codes. dst: i8 [n]; no overlap with x. Rounding: requantize.reduce.as.ts.
 * Overflow: sums wrap as TensorFlow Lite's do; |x - zp| <= 255 and |w| <= 128 allow depth <= 65 793.
 */
import { dot4, dot4x2, store_words, store_words_tail } from "./isa";
import { codes_of } from "./requantize.reduce.as";

/** One row: dst[c] for c < n. Reads k bytes of x. */
// @ts-ignore: decorator
@inline
export function one_row(blocks: usize, x: usize, dst: usize, k: i32, n: i32, zeroPoint: i32, lo: i32, hi: i32, positive: bool): void {
  const low = i32x4.splat(lo);
  const high = i32x4.splat(hi);
  const behind = (((k + 15) & ~15) << 2) + 16;
  const end = dst + (n & ~3);
  while (dst < end) {
    const sums = dot4(blocks, x, k);
    blocks += behind;
    store_words(dst, codes_of(sums, v128.load(blocks), v128.load(blocks, 16), zeroPoint, low, high, positive));
    blocks += 32;
    dst += 4;
  }
  if (n & 3) {
    const sums = dot4(blocks, x, k);
    blocks += behind;
    store_words_tail(dst, codes_of(sums, v128.load(blocks), v128.load(blocks, 16), zeroPoint, low, high, positive), n & 3);
  }
}

/** Two rows, x0 to dst and x1 to dst + n. depth: a multiple of 16, all of which is read. sums: i32 [8], 16-aligned. */
// @ts-ignore: decorator
@inline
export function two_rows(blocks: usize, x0: usize, x1: usize, dst: usize, sums: usize, depth: i32, n: i32, zeroPoint: i32, lo: i32, hi: i32, positive: bool): void {
  const low = i32x4.splat(lo);
  const high = i32x4.splat(hi);
  const end = dst + (n & ~3);
  let other = dst + n;
  while (dst < end) {
    blocks = dot4x2(blocks, x0, x1, depth, sums);
    const multipliers = v128.load(blocks);
    const shifts = v128.load(blocks, 16);
    blocks += 32;
    store_words(dst, codes_of(v128.load(sums), multipliers, shifts, zeroPoint, low, high, positive));
    store_words(other, codes_of(v128.load(sums, 16), multipliers, shifts, zeroPoint, low, high, positive));
    dst += 4;
    other += 4;
  }
  if (n & 3) {
    blocks = dot4x2(blocks, x0, x1, depth, sums);
    const multipliers = v128.load(blocks);
    const shifts = v128.load(blocks, 16);
    store_words_tail(dst, codes_of(v128.load(sums), multipliers, shifts, zeroPoint, low, high, positive), n & 3);
    store_words_tail(other, codes_of(v128.load(sums, 16), multipliers, shifts, zeroPoint, low, high, positive), n & 3);
  }
}
