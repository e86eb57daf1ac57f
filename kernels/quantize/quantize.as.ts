import { rescale_i8 } from "../loops/rescale-i8.as";

/** f32 to int8, elements [begin, end): round(x / scale) half away from zero, plus zeroPoint, clamped; NaN is zeroPoint. */
export function quantize_f32(src: usize, dst: usize, scale: f32, zeroPoint: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    // Beyond +-512 the code saturates whatever the zero point.
    const x = min<f32>(max<f32>(load<f32>(src + (i << 2)) / scale, -512), 512);
    const whole = trunc<f32>(x);
    // x - whole is exact: the half is seen as it is.
    const q = (whole as i32) + (((x - whole >= 0.5) as i32) - ((x - whole <= -0.5) as i32));
    store<i8>(dst + i, max(-128, min(127, q + zeroPoint)) as i8);
  }
}

/** int8 to int8 at another scale; dst may be src. */
export function quantize_i8(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale_i8(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}
