import { MAXIMUM, pairs } from "../loops/broadcast.as";
import { selectRescaled_i8 } from "../loops/select-rescaled-i8.as";

/** f32: dst = a > b ? a : b on outputs [begin, end); dst may be an operand of its shape and width. */
export function maximum_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs<f32, f32>(MAXIMUM, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/** i8: dst = a > b ? a : b on outputs [begin, end); dst may be an operand of its shape and width. */
export function maximum_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs<i8, i8>(MAXIMUM, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/** i16: dst = a > b ? a : b on outputs [begin, end); dst may be an operand of its shape and width. */
export function maximum_i16(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs<i16, i16>(MAXIMUM, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/** i32: dst = a > b ? a : b on outputs [begin, end); dst may be an operand of its shape and width. */
export function maximum_i32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs<i32, i32>(MAXIMUM, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/** int8 at any scales: of the operands' codes at the output's scale, by two tables; n outputs, dst may be an operand of its shape. */
export function maximum_i8_rescaled(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, codesA: usize, codesB: usize, n: i32,
): void {
  selectRescaled_i8(MAXIMUM, a, b, dst, table, outer, inner, strideA, strideB, codesA, codesB, n);
}
