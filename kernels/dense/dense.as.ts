import { matvec_i8 } from "../isa/matvec";

/**
 * int8 dense: src i8 [rows, k], dst i8 [rows, n]. scratch: i16 [depth], depth = k rounded up to 4.
 * dst must not alias src. Rounding and overflow: matvec_i8.
 */
export function dense_i8(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize,
  rows: i32, k: i32, n: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const depth = (k + 3) & ~3;
  for (let row = 0; row < rows; row++) {
    let i = 0;
    for (; i < k; i++) store<i16>(scratch + (i << 1), (load<i8>(src + i) as i32) - zpIn);
    for (; i < depth; i++) store<i16>(scratch + (i << 1), 0);
    matvec_i8(scratch, weights, params, dst, depth, n, zpOut, lo, hi);
    src += k;
    dst += n;
  }
}

/**
 * f32 dense: dst[row, c] = clamp(bias[c] + sum_i src[row, i] * weights[c, i]); i ascending, one accumulator.
 * bias may be 0 (none). Rows [begin, end).
 */
export function dense_f32(
  src: usize, weights: usize, bias: usize, dst: usize,
  k: i32, n: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const x = src + ((row * k) << 2);
    for (let c = 0; c < n; c++) {
      let acc: f32 = bias ? load<f32>(bias + (c << 2)) : 0;
      const w = weights + ((c * k) << 2);
      for (let i = 0; i < k; i++) acc += load<f32>(x + (i << 2)) * load<f32>(w + (i << 2));
      store<f32>(dst + ((row * n + c) << 2), min<f32>(max<f32>(acc, lo), hi));
    }
  }
}
