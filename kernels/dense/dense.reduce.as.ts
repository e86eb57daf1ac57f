import { one_row } from "../isa/rows.reduce.as";

// @ts-ignore: decorator
@inline
function dense(src: usize, blocks: usize, dst: usize, rows: i32, k: i32, n: i32, zpOut: i32, lo: i32, hi: i32, positive: bool): void {
  for (let row = 0; row < rows; row++) {
    one_row(blocks, src, dst, k, n, zpOut, lo, hi, positive);
    src += k;
    dst += n;
  }
}

/** int8 dense, reduce family: src i8 [rows, k], dst i8 [rows, n], blocks as one_row wants them. dst must not alias src. */
export function dense_i8_reduce(src: usize, blocks: usize, dst: usize, rows: i32, k: i32, n: i32, zpOut: i32, lo: i32, hi: i32): void {
  dense(src, blocks, dst, rows, k, n, zpOut, lo, hi, false);
}

/** dense_i8_reduce for lo >= zpOut. */
export function dense_i8_reduce_positive(src: usize, blocks: usize, dst: usize, rows: i32, k: i32, n: i32, zpOut: i32, lo: i32, hi: i32): void {
  dense(src, blocks, dst, rows, k, n, zpOut, lo, hi, true);
}
