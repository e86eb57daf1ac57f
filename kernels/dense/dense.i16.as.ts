import { matvec_i16, matvec_i16_sum32 } from "../loops/matvec-i16.as";

/**
 * int16x8 dense with 64-bit sums: src i16 [rows, k], weights i8 [n, k], dst i16 [rows, n]; params and chunk as
 * matvec_i16 wants them. dst must not alias src. Rounding: requantize_wide.
 */
export function dense_i16(
  src: usize, weights: usize, params: usize, dst: usize, rows: i32, k: i32, n: i32, chunk: i32, lo: i32, hi: i32,
): void {
  for (let row = 0; row < rows; row++) {
    matvec_i16(src, weights, params, dst, k, n, chunk, lo, hi);
    src += k << 1;
    dst += n << 1;
  }
}

/** The same with 32-bit sums, rounded twice: params and overflow as matvec_i16_sum32 says. */
export function dense_i16_sum32(
  src: usize, weights: usize, params: usize, dst: usize, rows: i32, k: i32, n: i32, lo: i32, hi: i32,
): void {
  for (let row = 0; row < rows; row++) {
    matvec_i16_sum32(src, weights, params, dst, k, n, lo, hi);
    src += k << 1;
    dst += n << 1;
  }
}
