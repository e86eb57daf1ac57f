import { requantize, clamp } from "../numerics/requantize.as";

/**
 * int8 dense with weights that are computed: src i8 [rows, k], weights i8 [n, k] symmetric, one scale; bias i32 [n] or 0
 * (none); dst i8 [rows, n]. dst must not alias either. Rounding: requantize. Overflow: |x - zp| <= 255 and |w| <= 128
 * allow k <= 65 793.
 */
export function dense_i8_computed(
  src: usize, weights: usize, bias: usize, dst: usize,
  rows: i32, k: i32, n: i32, m: i32, shift: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let w = weights;
    for (let c = 0; c < n; c++) {
      let acc = bias ? load<i32>(bias + (c << 2)) : 0;
      for (let i = 0; i < k; i++) acc += ((load<i8>(src + i) as i32) - zpIn) * (load<i8>(w++) as i32);
      store<i8>(dst++, clamp(requantize(acc, m, shift) + zpOut, lo, hi) as i8);
    }
    src += k;
  }
}
