import { clamp_codes } from "../isa/finish";
import { row_i8 } from "../isa/row";
import { widen } from "../isa/widen";

/**
 * int8 dense, pair family: src i8 [rows, k], dst i8 [rows, n], no overlap; weights and params as row_i8 wants them, n
 * rounded up to 4, zero points folded into the params. scratch, 16-aligned: i16 [words][2], and i8 [n rounded up to 4]
 * where n is no multiple of 4. wordwise: k is a multiple of 4.
 */
export function dense_i8_pair(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize,
  rows: i32, k: i32, n: i32, words: i32, wordwise: i32, paramBytes: i32, lo: i32, hi: i32,
): void {
  const whole = (n & 3) == 0;
  const end = dst + rows * n;
  for (let to = dst; to < end; to += n) {
    widen(scratch, src, k, wordwise, 4);
    // Two calls, so that the row stays a function with registers of its own.
    if (whole) row_i8(scratch, weights, params, to, words, n, paramBytes);
    else {
      const codes = scratch + (words << 2);
      row_i8(scratch, weights, params, codes, words, n, paramBytes);
      memory.copy(to, codes, n);
    }
    src += k;
  }
  clamp_codes(dst, rows * n, lo, hi);
}
