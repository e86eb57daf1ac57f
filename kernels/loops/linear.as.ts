/**
 * dst = saturate((a * ma + b * mb + r) >> 22), n values of int8: what add and sub are wherever the compiler proved it
 * equal to their exact form (loops/linear.ts). dst may be an operand. Overflow: the proof bounds the sum to 32 bits.
 * Four at a time, so that the loop's own instructions are shared.
 */
import { clamp } from "../numerics/requantize.as";

// @ts-ignore: decorator
@inline
function code(a: i32, b: i32, ma: i32, mb: i32, r: i32, lo: i32, hi: i32): i8 {
  return clamp((a * ma + r + b * mb) >> 22, lo, hi) as i8;
}

// @ts-ignore: decorator
@inline
function linear(a: usize, b: usize, dst: usize, ma: i32, mb: i32, r: i32, lo: i32, hi: i32, n: i32): void {
  const end = a + n;
  for (const stop = a + (n & ~3); a < stop; a += 4, b += 4, dst += 4) {
    const y0 = code(load<i8>(a), load<i8>(b), ma, mb, r, lo, hi);
    const y1 = code(load<i8>(a, 1), load<i8>(b, 1), ma, mb, r, lo, hi);
    const y2 = code(load<i8>(a, 2), load<i8>(b, 2), ma, mb, r, lo, hi);
    const y3 = code(load<i8>(a, 3), load<i8>(b, 3), ma, mb, r, lo, hi);
    store<i8>(dst, y0);
    store<i8>(dst, y1, 1);
    store<i8>(dst, y2, 2);
    store<i8>(dst, y3, 3);
  }
  for (; a < end; a++, b++, dst++) store<i8>(dst, code(load<i8>(a), load<i8>(b), ma, mb, r, lo, hi));
}

/** Without an activation: bounds that a core saturates to in one instruction. */
export function linear_i8(a: usize, b: usize, dst: usize, ma: i32, mb: i32, r: i32, n: i32): void {
  linear(a, b, dst, ma, mb, r, -128, 127, n);
}

export function linear_i8_clamped(a: usize, b: usize, dst: usize, ma: i32, mb: i32, r: i32, lo: i32, hi: i32, n: i32): void {
  linear(a, b, dst, ma, mb, r, lo, hi, n);
}
