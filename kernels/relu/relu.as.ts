import { rescale } from "../loops/rescale.as";

/** f32: dst = max(src, 0), elements [begin, end); dst may be src. */
export function relu_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(dst + (i << 2), max<f32>(load<f32>(src + (i << 2)), 0));
}

/** int16, rescaled; lo is the code of zero. */
export function relu_i16(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i16, i16>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}
