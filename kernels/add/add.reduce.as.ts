import {
  add_words, high_product_by, load_words, load_words_tail, max_words, min_words, multiply_plus, rounding_shift_by,
  store_words, store_words_tail,
} from "../isa/isa";

/**
 * Four codes of add_i8 (add.as.ts). The operand of the larger scale, a, has the multiplier 1/2, which is exact: its
 * 20 more bits become 19 (`plusA` is its zero point's part). For the other one and for the sum: the corrections of
 * requantize.reduce.as.ts.
 */
// @ts-ignore: decorator
@inline
function sum(a: v128, b: v128, scaleA: v128, plusA: i32, scaleB: v128, plusB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: v128, hi: v128): v128 {
  let y = high_product_by(multiply_plus(b, scaleB, plusB), mB);
  y = rounding_shift_by(i32x4.add(y, i32x4.shr_s(y, 31)), shiftB);
  y = high_product_by(i32x4.add(y, multiply_plus(a, scaleA, plusA)), m);
  y = rounding_shift_by(i32x4.add(y, i32x4.shr_s(y, 31)), shift);
  return min_words(max_words(add_words(y, zpOut), lo), hi);
}

/**
 * int8 addition of n codes, reduce family: dst = clamp(requantize(a 2^19 + requantize(b 2^20)) + zpOut), a and b less
 * their zero points. b enters as b scaleB + plusB, a power of two; shifts are -31 to -1. dst may be an operand.
 * Overflow: as add_i8; where scaleB is 2^21, |b - zp| scaleB < 2^29 and mB is 1/2.
 */
export function add_i8_reduce(
  a: usize, b: usize, dst: usize, plusA: i32, scaleB: i32, plusB: i32, mB: i32, shiftB: i32, m: i32, shift: i32,
  zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  const low = i32x4.splat(lo);
  const high = i32x4.splat(hi);
  const scales = i32x4.splat(scaleB);
  const half = i32x4.splat(1 << 19);
  for (const end = dst + (n & ~3); dst < end; dst += 4) {
    store_words(dst, sum(load_words(a), load_words(b), half, plusA, scales, plusB, mB, shiftB, m, shift, zpOut, low, high));
    a += 4;
    b += 4;
  }
  const left = n & 3;
  if (left)
    store_words_tail(dst, sum(load_words_tail(a, left), load_words_tail(b, left), half, plusA, scales, plusB, mB, shiftB, m, shift, zpOut, low, high), left);
}
