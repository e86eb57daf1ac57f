import { rescale } from "../loops/rescale.as";

/** f32: min(max(src, -1), 1), elements [begin, end); dst may be src. */
export function reluN1To1_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), min<f32>(max<f32>(x, -1), 1));
  }
}

/** int16, rescaled; [lo, hi] are the codes of -1 and 1. */
export function reluN1To1_i16(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  rescale<i16, i16>(src, dst, zpIn, m, shift, zpOut, lo, hi, n);
}
