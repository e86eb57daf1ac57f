/** linear_i8_clamped of loops/linear.as.ts, reduce family: four words of an MVE register at a time. dst may be an operand. */
import { load_words, max_words, min_words, store_words } from "../isa/isa";
import { clamp } from "../numerics/requantize.as";

// @ts-ignore: decorator
@inline
function four(a: usize, b: usize, ma: v128, mb: v128, r: v128, lo: v128, hi: v128): v128 {
  const sum = i32x4.add(i32x4.add(i32x4.mul(load_words(a), ma), r), i32x4.mul(load_words(b), mb));
  return min_words(max_words(i32x4.shr_s(sum, 22), lo), hi);
}

export function linear_i8_clamped(a: usize, b: usize, dst: usize, ma: i32, mb: i32, r: i32, lo: i32, hi: i32, n: i32): void {
  const slopeA = i32x4.splat(ma);
  const slopeB = i32x4.splat(mb);
  const constant = i32x4.splat(r);
  const least = i32x4.splat(lo);
  const most = i32x4.splat(hi);
  const end = a + n;
  for (const stop = a + (n & ~7); a < stop; a += 8, b += 8, dst += 8) {
    // The second four are read before the first are written: dst may be an operand.
    const y0 = four(a, b, slopeA, slopeB, constant, least, most);
    const y1 = four(a + 4, b + 4, slopeA, slopeB, constant, least, most);
    store_words(dst, y0);
    store_words(dst + 4, y1);
  }
  for (; a < end; a++, b++, dst++) {
    const sum = (load<i8>(a) as i32) * ma + r + (load<i8>(b) as i32) * mb;
    store<i8>(dst, clamp(sum >> 22, lo, hi) as i8);
  }
}
