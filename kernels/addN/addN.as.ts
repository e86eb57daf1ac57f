import { clamp, requantize } from "../numerics/requantize.as";

/**
 * f32: dst = x0 + x1 + ... in that order, `count` operands of at most 8 (addresses beyond it are not read), on
 * outputs [begin, end); dst may be any operand.
 */
export function addN_f32(
  dst: usize, count: i32, x0: usize, x1: usize, x2: usize, x3: usize, x4: usize, x5: usize, x6: usize, x7: usize, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const at = i << 2;
    let sum = load<f32>(x0 + at) + load<f32>(x1 + at);
    if (count > 2) sum += load<f32>(x2 + at);
    if (count > 3) sum += load<f32>(x3 + at);
    if (count > 4) sum += load<f32>(x4 + at);
    if (count > 5) sum += load<f32>(x5 + at);
    if (count > 6) sum += load<f32>(x6 + at);
    if (count > 7) sum += load<f32>(x7 + at);
    store<f32>(dst + at, sum);
  }
}

/**
 * int8 operands of one scale: their sum with `bias` (the zero points, and the one more that TFLite starts from),
 * shifted left by 19, requantized (double rounding) and clamped; dst may be any operand.
 * Overflow: |sum| <= 9 * 255 < 2^12, so 2^31 is not reached.
 */
export function addN_i8(
  dst: usize, count: i32, x0: usize, x1: usize, x2: usize, x3: usize, x4: usize, x5: usize, x6: usize, x7: usize,
  bias: i32, m: i32, shift: i32, zpOut: i32, n: i32,
): void {
  for (let i = 0; i < n; i++) {
    let sum = bias + (load<i8>(x0 + i) as i32) + (load<i8>(x1 + i) as i32);
    if (count > 2) sum += load<i8>(x2 + i) as i32;
    if (count > 3) sum += load<i8>(x3 + i) as i32;
    if (count > 4) sum += load<i8>(x4 + i) as i32;
    if (count > 5) sum += load<i8>(x5 + i) as i32;
    if (count > 6) sum += load<i8>(x6 + i) as i32;
    if (count > 7) sum += load<i8>(x7 + i) as i32;
    store<i8>(dst + i, clamp(requantize(sum << 19, m, shift) + zpOut, -128, 127) as i8);
  }
}
