import { clamp } from "../numerics/requantize.as";

/** f32: dst = min(max(src, 0), 6), elements [begin, end); dst may be src. */
export function relu6_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(dst + (i << 2), min<f32>(max<f32>(load<f32>(src + (i << 2)), 0), 6));
}

/** n values of int8 clamped to the codes of zero and six; dst may be src. */
export function relu6_i8(src: usize, dst: usize, lo: i32, hi: i32, n: i32): void {
  for (let i = 0; i < n; i++) store<i8>(dst + i, clamp(load<i8>(src + i) as i32, lo, hi) as i8);
}

/** n values of int16 clamped to the codes of zero and six; dst may be src. */
export function relu6_i16(src: usize, dst: usize, lo: i32, hi: i32, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) store<i16>(dst + (i << 1), clamp(load<i16>(src + (i << 1)) as i32, lo, hi) as i16);
}
