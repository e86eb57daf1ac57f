import { reduce_f32, reduce_int } from "../loops/reduce.as";

/** f32 sum, outputs [begin, end); order and aliasing: reduce_f32. */
export function sum_f32(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32,
  count: f32, begin: i32, end: i32,
): void {
  reduce_f32(src, dst, table, kept, reduced, inner, runs, run, runStride, count, begin, end);
}

/** int8 sum of n outputs: reduce_int. */
export function sum_i8(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32,
  bias: i32, m: i32, shift: i32, zpOut: i32, n: i32,
): void {
  reduce_int<i8>(src, dst, table, kept, reduced, inner, runs, run, runStride, bias, m, shift, zpOut, n);
}

/** int16 sum of n outputs: reduce_int. */
export function sum_i16(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32,
  bias: i32, m: i32, shift: i32, zpOut: i32, n: i32,
): void {
  reduce_int<i16>(src, dst, table, kept, reduced, inner, runs, run, runStride, bias, m, shift, zpOut, n);
}
