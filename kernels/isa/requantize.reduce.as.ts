/**
 * TensorFlow Lite's requantization of four sums, exactly, for multipliers m >= 0 and right shifts of 1 to 31.
 *
 * VQRDMULH gives floor((sum m + 2^30) / 2^31): gemmlowp's doubling high multiply, whose truncating division after a
 * nudge of 2^30 (1 - 2^30 for negative products) is the same value, ties up. It cannot saturate, m being positive.
 * VRSHL by -s gives floor((y + 2^(s-1)) / 2^s), ties up, where gemmlowp's shift has them away from zero: for y < 0
 * that is floor((y - 1 + 2^(s-1)) / 2^s), and y >> 31 is that -1. |y| <= |sum| < 2^31, and y - 1 fits: m < 2^31 keeps
 * y above -2^31. `positive` leaves the correction out: where lo is at least the zero point every y < 0 gives lo
 * either way.
 */
import { add_words, high_product, max_words, min_words, rounding_shift } from "./isa";

/** Quotients of sums: `shifts` are -s. */
// @ts-ignore: decorator
@inline
export function requantize_words(sums: v128, multipliers: v128, shifts: v128, positive: bool): v128 {
  let y = high_product(sums, multipliers);
  if (!positive) y = i32x4.add(y, i32x4.shr_s(y, 31));
  return rounding_shift(y, shifts);
}

/** Codes of sums, a word each: `clamp(quotient + zeroPoint, lo, hi)`. |quotient| <= 2^30, so the sum fits. */
// @ts-ignore: decorator
@inline
export function codes_of(sums: v128, multipliers: v128, shifts: v128, zeroPoint: i32, lo: v128, hi: v128, positive: bool): v128 {
  return min_words(max_words(add_words(requantize_words(sums, multipliers, shifts, positive), zeroPoint), lo), hi);
}
