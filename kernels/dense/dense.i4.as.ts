import { matvec_i8_w4 } from "../loops/matvec-i4.as";

/**
 * int8 dense with int4 weights: src i8 [rows, k], dst i8 [rows, n]; weights and params as matvec_i8_w4 wants them.
 * scratch: i16 [depth], depth = k rounded up to even, 2-aligned. dst must not alias src. Rounding and overflow:
 * matvec_i8_w4.
 */
export function dense_i8_w4(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize,
  rows: i32, k: i32, n: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const depth = (k + 1) & ~1;
  store<i16>(scratch + ((depth - 1) << 1), 0);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < k; i++) store<i16>(scratch + (i << 1), (load<i8>(src + i) as i32) - zpIn);
    matvec_i8_w4(scratch, weights, params, dst, depth, n, zpOut, lo, hi);
    src += k;
    dst += n;
  }
}
