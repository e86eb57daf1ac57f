import { strided_f32 } from "../loops/strided.as";

/** 4-byte values, outputs [begin, end). dst must not alias src. */
export function transpose_f32(
  src: usize, dst: usize, table: usize, outer: i32, inner: i32, stride: i32, start: i32, begin: i32, end: i32,
): void {
  strided_f32(src, dst, table, outer, inner, stride, start, begin, end);
}

export { move as transpose_i8, move as transpose_i16 } from "../loops/move.as";
