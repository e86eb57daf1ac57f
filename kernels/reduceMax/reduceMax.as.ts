import { reduce_extreme } from "../loops/reduce.as";

/** f32: reduce_extreme. */
export function reduceMax_f32(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32, n: i32,
): void {
  reduce_extreme<f32>(src, dst, table, kept, reduced, inner, runs, run, runStride, true, n);
}

/** int8: reduce_extreme. */
export function reduceMax_i8(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32, n: i32,
): void {
  reduce_extreme<i8>(src, dst, table, kept, reduced, inner, runs, run, runStride, true, n);
}

/** int16: reduce_extreme. */
export function reduceMax_i16(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32, n: i32,
): void {
  reduce_extreme<i16>(src, dst, table, kept, reduced, inner, runs, run, runStride, true, n);
}

/** int32: reduce_extreme. */
export function reduceMax_i32(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32, n: i32,
): void {
  reduce_extreme<i32>(src, dst, table, kept, reduced, inner, runs, run, runStride, true, n);
}
