import { clamp, requantize } from "../numerics/requantize.as";

/** f32: dst = src, or src * alpha where src is not above 0; elements [begin, end); dst may be src. */
export function leakyRelu_f32(src: usize, dst: usize, alpha: f32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), x > 0 ? x : x * alpha);
  }
}

/**
 * int16: dst = clamp(requantize(src - zpIn) + zpOut, lo, hi) by (m, shift), by sign * (mAlpha, shiftAlpha) below the
 * zero point; double rounding. dst may be src. Overflow: left shifts of at most 14, which the lowering checks.
 */
export function leakyRelu_i16(
  src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, mAlpha: i32, shiftAlpha: i32, sign: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = (load<i16>(src + (i << 1)) as i32) - zpIn;
    const y = x >= 0 ? requantize(x, m, shift) : sign * requantize(x, mAlpha, shiftAlpha);
    store<i16>(dst + (i << 1), clamp(y + zpOut, lo, hi) as i16);
  }
}
