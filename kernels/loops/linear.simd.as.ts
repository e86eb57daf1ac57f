/** linear_i8_clamped of loops/linear.as.ts, sixteen values at a time. dst may be an operand. */
import { clamp } from "../numerics/requantize.as";

/** Four sums of the low or high halves of eight widened operands. */
// @ts-ignore: decorator
@inline
function sums(a: v128, b: v128, ma: v128, mb: v128, r: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.add(i32x4.mul(a, ma), r), i32x4.mul(b, mb)), 22);
}

// @ts-ignore: decorator
@inline
function eight(a: v128, b: v128, ma: v128, mb: v128, r: v128): v128 {
  return i16x8.narrow_i32x4_s(
    sums(i32x4.extend_low_i16x8_s(a), i32x4.extend_low_i16x8_s(b), ma, mb, r),
    sums(i32x4.extend_high_i16x8_s(a), i32x4.extend_high_i16x8_s(b), ma, mb, r),
  );
}

export function linear_i8_clamped(a: usize, b: usize, dst: usize, ma: i32, mb: i32, r: i32, lo: i32, hi: i32, n: i32): void {
  const slopeA = i32x4.splat(ma);
  const slopeB = i32x4.splat(mb);
  const constant = i32x4.splat(r);
  const least = i8x16.splat(lo as i8);
  const most = i8x16.splat(hi as i8);
  const end = a + n;
  for (const stop = a + (n & ~15); a < stop; a += 16, b += 16, dst += 16) {
    const low = eight(v128.load8x8_s(a), v128.load8x8_s(b), slopeA, slopeB, constant);
    const high = eight(v128.load8x8_s(a, 8), v128.load8x8_s(b, 8), slopeA, slopeB, constant);
    v128.store(dst, i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(low, high), least), most));
  }
  for (; a < end; a++, b++, dst++) {
    const sum = (load<i8>(a) as i32) * ma + r + (load<i8>(b) as i32) * mb;
    store<i8>(dst, clamp(sum >> 22, lo, hi) as i8);
  }
}
