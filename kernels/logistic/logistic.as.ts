import { sigmoid_i16 } from "../loops/sigmoid-i16.as";
import { logistic_scalar } from "../numerics/transcendental.as";

/** f32: 1 / (1 + e^-src), elements [begin, end); dst may be src. */
export function logistic_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), logistic_scalar(x));
  }
}

/** int16 at scale 1 / 32768, by interpolation in a table (loops/sigmoid-i16.as.ts); dst may be src. */
export function logistic_i16(src: usize, dst: usize, table: usize, m: i32, shift: i32, n: i32): void {
  sigmoid_i16(false, src, dst, table, m, shift, n);
}
