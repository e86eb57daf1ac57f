import { ADD, arithmetic_f32, arithmetic_i32 } from "../loops/broadcast.as";
import { sum_integer } from "../loops/sum-integer.as";

/** f32: dst = clamp(a + b, lo, hi) on outputs [begin, end); dst may be an operand of its shape. */
export function add_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  arithmetic_f32(ADD, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}

/** i32, wrapping, then clamped to [lo, hi], on outputs [begin, end); dst may be an operand of its shape. */
export function add_i32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  arithmetic_i32(ADD, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}

/** int8 at any scales, 20 bits of left shift; dst may be an operand of its shape. */
export function add_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  sum_integer<i8>(ADD, 20, a, b, dst, table, outer, inner, strideA, strideB, zpA, mA, shiftA, zpB, mB, shiftB, m, shift, zpOut, lo, hi, n);
}

/** int16 at any scales, 15 bits of left shift; dst may be an operand of its shape. */
export function add_i16(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  sum_integer<i16>(ADD, 15, a, b, dst, table, outer, inner, strideA, strideB, zpA, mA, shiftA, zpB, mB, shiftB, m, shift, zpOut, lo, hi, n);
}
