import { DIV, arithmetic_f32 } from "../loops/broadcast.as";

/** f32: dst = clamp(a / b, lo, hi) on outputs [begin, end); dst may be an operand of its shape. */
export function div_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  arithmetic_f32(DIV, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}
