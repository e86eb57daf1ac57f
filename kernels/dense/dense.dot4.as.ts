import { flip } from "../isa/bytes.dot4.as";
import { tiles_u8 } from "../isa/isa";

/**
 * int8 dense: src i8 [rows, k], dst i8 [rows, n]; weights and constants as tiles_u8 wants them, one run of k values.
 * scratch: u8 [min(rows, 4)][k] and 16 bytes, 4-aligned. dst must not alias src. Rounding: requantize.pairdot.as.ts.
 */
export function dense_i8_simd(
  src: usize, weights: usize, constants: usize, dst: usize, scratch: usize,
  rows: i32, k: i32, n: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  for (let row = 0; row < rows; row += 4) {
    const m = min(4, rows - row);
    flip(src + row * k, scratch, m * k);
    tiles_u8(scratch, k, m, 0, m, 1, 0, (k + 3) >> 2, weights, constants, dst + row * n, n, zpOut, lo, hi, forms, wide);
  }
}
