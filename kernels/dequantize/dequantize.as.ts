/** f32 dst = scale * (src - zeroPoint), n codes; the difference is exact, the product rounds once. dst must not alias src. */
// @ts-ignore: decorator
@inline
function dequantized<From>(src: usize, dst: usize, scale: f32, zeroPoint: i32, n: i32): void {
  for (let i = 0; i < n; i++)
    store<f32>(dst + (i << 2), (((load<From>(src + (i << alignof<From>())) as i32) - zeroPoint) as f32) * scale);
}

export function dequantize_i8(src: usize, dst: usize, scale: f32, zeroPoint: i32, n: i32): void {
  dequantized<i8>(src, dst, scale, zeroPoint, n);
}

export function dequantize_u8(src: usize, dst: usize, scale: f32, zeroPoint: i32, n: i32): void {
  dequantized<u8>(src, dst, scale, zeroPoint, n);
}

export function dequantize_i16(src: usize, dst: usize, scale: f32, zeroPoint: i32, n: i32): void {
  dequantized<i16>(src, dst, scale, zeroPoint, n);
}
