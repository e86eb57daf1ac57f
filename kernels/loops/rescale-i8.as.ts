import { clamp, requantize } from "../numerics/requantize.as";

/**
 * dst = clamp(requantize(src - zpIn) + zpOut, lo, hi), n values of int8, double rounding; dst may be src.
 * Overflow: |src - zpIn| <= 255 allows a left shift of 22.
 */
// @ts-ignore: decorator
@inline
export function rescale_i8(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  for (let i = 0; i < n; i++)
    store<i8>(dst + i, clamp(requantize((load<i8>(src + i) as i32) - zpIn, m, shift) + zpOut, lo, hi) as i8);
}
