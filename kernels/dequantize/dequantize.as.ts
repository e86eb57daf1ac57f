/** f32 dst = scale * (src - zeroPoint), n values of int8; one rounding. dst must not alias src. */
export function dequantize_i8(src: usize, dst: usize, scale: f32, zeroPoint: i32, n: i32): void {
  for (let i = 0; i < n; i++) store<f32>(dst + (i << 2), (((load<i8>(src + i) as i32) - zeroPoint) as f32) * scale);
}
