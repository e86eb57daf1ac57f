import { clamp, requantize } from "../numerics/requantize.as";

/**
 * dst = clamp(requantize(src - zpIn) + zpOut, lo, hi), n values from one integer type to another, double rounding.
 * dst may be src where `To` is no wider. Overflow: |src - zpIn| * 2^shift < 2^31 for a left shift, which the
 * lowering checks for 8 and 16 bits; i32 sources wrap beyond, as their i32 shift does.
 */
// @ts-ignore: decorator
@inline
export function rescale<From, To>(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  for (let i = 0; i < n; i++)
    store<To>(
      dst + ((<usize>i) << alignof<To>()),
      clamp(requantize((load<From>(src + ((<usize>i) << alignof<From>())) as i32) - zpIn, m, shift) + zpOut, lo, hi) as To,
    );
}
