import { requantize } from "../numerics/requantize.as";
import { chosen, rowOffset } from "./broadcast.as";

/**
 * n comparisons of int8 operands at any two scales: codes less their zero points, shifted left by 8 and multiplied by
 * their scales (m, shift), double rounding, then compared. Overflow: |code - zero point| <= 255, so 2^16.
 */
// @ts-ignore: decorator
@inline
export function compare_i8(
  op: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + rowOffset(table, outer, row, 4);
    let pb = b + rowOffset(table, outer, row, 8);
    for (const stop = i + inner; i < stop; i++) {
      const x = requantize(((load<i8>(pa) as i32) - zpA) << 8, mA, shiftA);
      const y = requantize(((load<i8>(pb) as i32) - zpB) << 8, mB, shiftB);
      store<u8>(dst + i, chosen<i32, u8>(op, x, y));
      pa += strideA;
      pb += strideB;
    }
  }
}
