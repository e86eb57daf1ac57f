import { inverse_sqrt } from "../numerics/fixed-point.as";
import { clamp, requantize } from "../numerics/requantize.as";

/** f32: 1 / sqrt(src), two roundings, elements [begin, end); dst may be src. */
export function rsqrt_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), <f32>1 / sqrt<f32>(x));
  }
}

/**
 * int16, zero points 0: TFLite's fixed-point inverse root, brought to (m, shift) with 20 more bits. 0 and negative
 * codes, which have no root, give `hi`. dst may be src.
 */
export function rsqrt_i16(src: usize, dst: usize, m: i32, shift: i32, lo: i32, hi: i32, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = load<i16>(src + (i << 1)) as i32;
    const y = x > 0 ? clamp(requantize(inverse_sqrt(x, 20), m, shift), lo, hi) : hi;
    store<i16>(dst + (i << 1), y as i16);
  }
}
