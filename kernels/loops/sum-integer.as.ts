import { clamp, requantize } from "../numerics/requantize.as";
import { ADD, rowOffset } from "./broadcast.as";

/**
 * Both operands less their zero points, shifted left by `bits` and brought to twice the larger scale, then added or
 * subtracted and requantized (double rounding thrice, as TFLite ADD and SUB), n outputs.
 * Overflow: int8 by 20 bits and int16 by 15 stay below 2^31 (int16 at zero points of 0), and the multipliers are at
 * most 1/2.
 */
// @ts-ignore: decorator
@inline
export function sum_integer<T>(
  op: i32, bits: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + (rowOffset(table, outer, row, 4) << alignof<T>());
    let pb = b + (rowOffset(table, outer, row, 8) << alignof<T>());
    for (const stop = i + inner; i < stop; i++) {
      const x = requantize(((load<T>(pa) as i32) - zpA) << bits, mA, shiftA);
      const y = requantize(((load<T>(pb) as i32) - zpB) << bits, mB, shiftB);
      const z = op == ADD ? x + y : x - y;
      store<T>(dst + (i << alignof<T>()), clamp(requantize(z, m, shift) + zpOut, lo, hi) as T);
      pa += strideA << alignof<T>();
      pb += strideB << alignof<T>();
    }
  }
}
