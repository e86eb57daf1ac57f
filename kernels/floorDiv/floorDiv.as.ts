import { FLOOR_DIV, pairs_f32 } from "../loops/broadcast.as";

/** f32: dst = floor(a / b) on outputs [begin, end); dst may be an operand of its shape. */
export function floorDiv_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs_f32(FLOOR_DIV, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}
