import { OR, pairs } from "../loops/broadcast.as";

/** bool: dst = a or b on outputs [begin, end); dst may be an operand of its shape and width. */
export function logicalOr_bool(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs<u8, u8>(OR, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}
