/**
 * dst = src as another type, n values: floats are truncated to i32, saturating (NaN is 0), and integers wrap to narrower
 * ones. dst may be src where it is no wider. bool comes as u8.
 */
// @ts-ignore: decorator
@inline
function convert<From, To>(src: usize, dst: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<To>(dst + (i << alignof<To>()), load<From>(src + (i << alignof<From>())) as To);
}

// @ts-ignore: decorator
@inline
function truncated<To>(src: usize, dst: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<To>(dst + (i << alignof<To>()), (load<f32>(src + (i << 2)) as i32) as To);
}

export function cast_i8_u8(src: usize, dst: usize, n: i32): void {
  convert<i8, u8>(src, dst, n);
}

export function cast_i8_i16(src: usize, dst: usize, n: i32): void {
  convert<i8, i16>(src, dst, n);
}

export function cast_i8_i32(src: usize, dst: usize, n: i32): void {
  convert<i8, i32>(src, dst, n);
}

export function cast_i8_f32(src: usize, dst: usize, n: i32): void {
  convert<i8, f32>(src, dst, n);
}

export function cast_u8_i8(src: usize, dst: usize, n: i32): void {
  convert<u8, i8>(src, dst, n);
}

export function cast_u8_i16(src: usize, dst: usize, n: i32): void {
  convert<u8, i16>(src, dst, n);
}

export function cast_u8_i32(src: usize, dst: usize, n: i32): void {
  convert<u8, i32>(src, dst, n);
}

export function cast_u8_f32(src: usize, dst: usize, n: i32): void {
  convert<u8, f32>(src, dst, n);
}

export function cast_i16_i8(src: usize, dst: usize, n: i32): void {
  convert<i16, i8>(src, dst, n);
}

export function cast_i16_u8(src: usize, dst: usize, n: i32): void {
  convert<i16, u8>(src, dst, n);
}

export function cast_i16_i32(src: usize, dst: usize, n: i32): void {
  convert<i16, i32>(src, dst, n);
}

export function cast_i16_f32(src: usize, dst: usize, n: i32): void {
  convert<i16, f32>(src, dst, n);
}

export function cast_i32_i8(src: usize, dst: usize, n: i32): void {
  convert<i32, i8>(src, dst, n);
}

export function cast_i32_u8(src: usize, dst: usize, n: i32): void {
  convert<i32, u8>(src, dst, n);
}

export function cast_i32_i16(src: usize, dst: usize, n: i32): void {
  convert<i32, i16>(src, dst, n);
}

export function cast_i32_f32(src: usize, dst: usize, n: i32): void {
  convert<i32, f32>(src, dst, n);
}

export function cast_f32_i8(src: usize, dst: usize, n: i32): void {
  truncated<i8>(src, dst, n);
}

export function cast_f32_u8(src: usize, dst: usize, n: i32): void {
  truncated<u8>(src, dst, n);
}

export function cast_f32_i16(src: usize, dst: usize, n: i32): void {
  truncated<i16>(src, dst, n);
}

export function cast_f32_i32(src: usize, dst: usize, n: i32): void {
  truncated<i32>(src, dst, n);
}
