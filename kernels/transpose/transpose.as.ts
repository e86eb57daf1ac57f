import { strided_f32, strided_i8 } from "../loops/strided.as";

/** f32, outputs [begin, end). dst must not alias src. */
export function transpose_f32(
  src: usize, dst: usize, table: usize, outer: i32, inner: i32, stride: i32, start: i32, begin: i32, end: i32,
): void {
  strided_f32(src, dst, table, outer, inner, stride, start, begin, end);
}

/** int8, n outputs. dst must not alias src. */
export function transpose_i8(src: usize, dst: usize, table: usize, outer: i32, inner: i32, stride: i32, start: i32, n: i32): void {
  strided_i8(src, dst, table, outer, inner, stride, start, n);
}
