import { SUB, arithmetic_f32, rowOffset } from "../loops/broadcast.as";
import { clamp, requantize } from "../numerics/requantize.as";

/** f32: dst = clamp(a - b, lo, hi) on outputs [begin, end); dst may be an operand of its shape. */
export function sub_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  arithmetic_f32(SUB, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}

/**
 * int8: both operands less their zero points, shifted left by 20 and brought to twice the larger scale, then
 * subtracted and requantized (double rounding thrice, as TFLite SUB). dst may be an operand of its shape.
 * Overflow: |x - zp| <= 255 < 2^8, so 2^28 before and 2^28 after the multipliers, which are at most 1/2.
 */
export function sub_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + rowOffset(table, outer, row, 4);
    let pb = b + rowOffset(table, outer, row, 8);
    for (const stop = i + inner; i < stop; i++) {
      const x = requantize(((load<i8>(pa) as i32) - zpA) << 20, mA, shiftA);
      const y = requantize(((load<i8>(pb) as i32) - zpB) << 20, mB, shiftB);
      store<i8>(dst + i, clamp(requantize(x - y, m, shift) + zpOut, lo, hi) as i8);
      pa += strideA;
      pb += strideB;
    }
  }
}
