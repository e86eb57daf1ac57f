import { pairs_f32, PRELU, rowOffset } from "../loops/broadcast.as";
import { clamp, requantize } from "../numerics/requantize.as";

/** f32: dst = a >= 0 ? a : a * b on outputs [begin, end); dst may be an operand of its shape. */
export function prelu_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs_f32(PRELU, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/**
 * int8: a - zpA requantized by (m, shift), where negative its product with b - zpB by (mSlope, shiftSlope); double
 * rounding. dst may be an operand of its shape. Overflow: |product| <= 255^2 < 2^16, a left shift of at most 14.
 */
export function prelu_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, zpB: i32, m: i32, shift: i32, mSlope: i32, shiftSlope: i32, zpOut: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + rowOffset(table, outer, row, 4);
    let pb = b + rowOffset(table, outer, row, 8);
    for (const stop = i + inner; i < stop; i++) {
      const x = (load<i8>(pa) as i32) - zpA;
      const y = x >= 0 ? requantize(x, m, shift) : requantize(x * ((load<i8>(pb) as i32) - zpB), mSlope, shiftSlope);
      store<i8>(dst + i, clamp(y + zpOut, -128, 127) as i8);
      pa += strideA;
      pb += strideB;
    }
  }
}
