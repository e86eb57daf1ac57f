import { LESS_EQUAL, pairs } from "../loops/broadcast.as";
import { compare_i8 } from "../loops/compare-i8.as";

/** f32: dst = a <= b on outputs [begin, end); dst must not alias an operand. */
export function lessEqual_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs<f32, u8>(LESS_EQUAL, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/** i32: dst = a <= b on outputs [begin, end); dst must not alias an operand. */
export function lessEqual_i32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs<i32, u8>(LESS_EQUAL, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/** int8 at any two scales: both operands rescaled, then compared; n outputs, dst may be an operand of its shape. */
export function lessEqual_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, n: i32,
): void {
  compare_i8(LESS_EQUAL, a, b, dst, table, outer, inner, strideA, strideB, zpA, mA, shiftA, zpB, mB, shiftB, n);
}
