import { tiles_i8, vector_i8, widen } from "../isa/tile.pairdot.as";

/**
 * int8 dense: src i8 [rows, k], dst i8 [rows, n]; weights and constants as tiles_i8 wants them, one run of k values.
 * scratch: i16 [min(rows, 4)][k] and 16 bytes, 4-aligned. dst must not alias src. Rounding: requantize.pairdot.as.ts.
 */
export function dense_i8_simd(
  src: usize, weights: usize, constants: usize, dst: usize, scratch: usize,
  rows: i32, k: i32, n: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const pairs = (k + 1) >> 1;
  if (rows == 1) {
    widen(src, scratch, k, zpIn);
    // A last odd value is multiplied by a zero weight.
    vector_i8(scratch, pairs, weights, constants, dst, n, zpOut, lo, hi, forms, wide);
    return;
  }
  for (let row = 0; row < rows; row += 4) {
    const m = min(4, rows - row);
    widen(src + row * k, scratch, m * k, zpIn);
    tiles_i8(scratch, k << 1, m, 0, m, 1, 0, pairs, weights, constants, dst + row * n, n, zpOut, lo, hi, forms, wide);
  }
}
