import { rescale } from "../loops/rescale.as";

/**
 * round(x / scale) half away from zero, plus zeroPoint, clamped; NaN is zeroPoint. Beyond +-`limit` (a power of two of at most
 * 2^17, twice the span of the codes) the code saturates whatever the zero point.
 */
// @ts-ignore: decorator
@inline
function code(x: f32, scale: f32, limit: f32, zeroPoint: i32, lo: i32, hi: i32): i32 {
  const ratio = min<f32>(max<f32>(x / scale, -limit), limit);
  const whole = trunc<f32>(ratio);
  // ratio - whole is exact: the half is seen as it is.
  const q = (whole as i32) + (((ratio - whole >= 0.5) as i32) - ((ratio - whole <= -0.5) as i32));
  return max(lo, min(hi, q + zeroPoint));
}

/** f32 to int8, elements [begin, end). */
export function quantize_f32(src: usize, dst: usize, scale: f32, zeroPoint: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<i8>(dst + i, code(load<f32>(src + (i << 2)), scale, 512, zeroPoint, -128, 127) as i8);
}

/** f32 to int16, n elements; dst may be src. */
export function quantize_f32_i16(src: usize, dst: usize, scale: f32, zeroPoint: i32, n: i32): void {
  for (let i = 0; i < n; i++)
    store<i16>(dst + (i << 1), code(load<f32>(src + (i << 2)), scale, 131072, zeroPoint, -32768, 32767) as i16);
}

export function quantize_i8_i16(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i8, i16>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i8_i32(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i8, i32>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_u8_i16(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<u8, i16>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_u8_i32(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<u8, i32>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i16_i8(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i16, i8>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i16_u8(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i16, u8>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i16_i16(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i16, i16>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i16_i32(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i16, i32>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i32_i8(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i32, i8>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i32_u8(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i32, u8>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i32_i16(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i32, i16>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

export function quantize_i32_i32(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i32, i32>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}

