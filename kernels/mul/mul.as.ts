import { arithmetic_f32, MUL, rowOffset } from "../loops/broadcast.as";
import { clamp, requantize } from "../numerics/requantize.as";

/** f32: dst = clamp(a * b, lo, hi) on outputs [begin, end); dst may be an operand of its shape. */
export function mul_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  arithmetic_f32(MUL, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}

/**
 * int8: requantize((a - zpA) * (b - zpB)) + zpOut, double rounding. dst may be an operand of its shape.
 * Overflow: |product| <= 255^2 < 2^16, so a left shift of at most 14, which the lowering checks.
 */
export function mul_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, zpB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + rowOffset(table, outer, row, 4);
    let pb = b + rowOffset(table, outer, row, 8);
    for (const stop = i + inner; i < stop; i++) {
      const product = ((load<i8>(pa) as i32) - zpA) * ((load<i8>(pb) as i32) - zpB);
      store<i8>(dst + i, clamp(requantize(product, m, shift) + zpOut, lo, hi) as i8);
      pa += strideA;
      pb += strideB;
    }
  }
}
