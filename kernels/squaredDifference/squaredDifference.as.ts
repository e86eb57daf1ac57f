import { pairs_f32, rowOffset, SQUARED_DIFFERENCE } from "../loops/broadcast.as";
import { clamp, requantize } from "../numerics/requantize.as";
import { requantizeSaturating } from "../numerics/requantize-saturating.as";

/** f32: dst = (a - b)^2 on outputs [begin, end); dst may be an operand of its shape. */
export function squaredDifference_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  pairs_f32(SQUARED_DIFFERENCE, a, b, dst, table, outer, inner, strideA, strideB, begin, end);
}

/**
 * Both operands less their zero points, shifted left by `bits` and brought to twice the larger scale, their difference
 * squared and requantized (double rounding). Overflow: the multipliers are at most 1/2, so int8 with 7 bits gives
 * differences of at most 255 * 2^7 < 2^15, int16 with none at most 32 768; the square is below 2^30 + 1.
 */
// @ts-ignore: decorator
@inline
function squares<T>(
  bits: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + (rowOffset(table, outer, row, 4) << alignof<T>());
    let pb = b + (rowOffset(table, outer, row, 8) << alignof<T>());
    for (const stop = i + inner; i < stop; i++) {
      const x = requantize(((load<T>(pa) as i32) - zpA) << bits, mA, shiftA);
      const y = requantize(((load<T>(pb) as i32) - zpB) << bits, mB, shiftB);
      store<T>(dst + (i << alignof<T>()), clamp(requantizeSaturating((x - y) * (x - y), m, shift) + zpOut, lo, hi) as T);
      pa += strideA << alignof<T>();
      pb += strideB << alignof<T>();
    }
  }
}

/** int8; dst may be an operand of its shape. */
export function squaredDifference_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  squares<i8>(7, a, b, dst, table, outer, inner, strideA, strideB, zpA, mA, shiftA, zpB, mB, shiftB, m, shift, zpOut, lo, hi, n);
}

/** int16; dst may be an operand of its shape. */
export function squaredDifference_i16(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, mA: i32, shiftA: i32, zpB: i32, mB: i32, shiftB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  squares<i16>(0, a, b, dst, table, outer, inner, strideA, strideB, zpA, mA, shiftA, zpB, mB, shiftB, m, shift, zpOut, lo, hi, n);
}
