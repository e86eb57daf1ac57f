import { clamp, requantize } from "../numerics/requantize.as";

/** f32: absolute value, elements [begin, end); dst may be src. */
export function abs_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), abs<f32>(x));
  }
}

/** int16: dst = clamp(requantize(|src - zpIn|) + zpOut, lo, hi), double rounding; dst may be src. */
export function abs_i16(src: usize, dst: usize, zpIn: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = abs<i32>((load<i16>(src + (i << 1)) as i32) - zpIn);
    store<i16>(dst + (i << 1), clamp(requantize(x, m, shift) + zpOut, lo, hi) as i16);
  }
}
