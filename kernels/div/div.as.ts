import { arithmetic_f32, DIV, rowOffset } from "../loops/broadcast.as";
import { high_product, reciprocal, rounding_shift, saturating_shift_left } from "../numerics/fixed-point.as";
import { clamp } from "../numerics/requantize.as";

/** f32: dst = clamp(a / b, lo, hi) on outputs [begin, end); dst may be an operand of its shape. */
export function div_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  arithmetic_f32(DIV, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}

/**
 * int8: (a - zpA) / (b - zpB) as TFLite forms it, the reciprocal of the denominator by Newton's division, brought to
 * the output's scale by (m, shift), plus zpOut, n outputs; x / 0 saturates by the sign of x. dst may be an operand of
 * its shape. Overflow: |x| <= 255 is shifted left to 2^30 only.
 */
export function div_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, zpB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + rowOffset(table, outer, row, 4);
    let pb = b + rowOffset(table, outer, row, 8);
    for (const stop = i + inner; i < stop; i++) {
      const x = (load<i8>(pa) as i32) - zpA;
      const y = (load<i8>(pb) as i32) - zpB;
      const z = y == 0 ? (x > 0 ? 255 : x < 0 ? -255 : 0) : quotient(y < 0 ? -x : x, abs<i32>(y), m, shift);
      store<i8>(dst + i, clamp(z + zpOut, lo, hi) as i8);
      pa += strideA;
      pb += strideB;
    }
  }
}

/** x / y * m * 2^(shift - 31), y > 0. */
function quotient(x: i32, y: i32, m: i32, shift: i32): i32 {
  const leading = clz<i32>(y);
  const inverse = reciprocal(((y as u32) << leading) - 0x80000000);
  // Bits that the sign repeats, which TFLite counts as 2 |x| - 1 has leading zeros for negatives.
  const headroom = x >= 0 ? clz<i32>(x) - 1 : clz<i32>(-2 * x - 1);
  const unscaled = high_product(high_product(x << headroom, inverse), m);
  const right = 31 - leading + headroom - shift;
  if (right > 31) return 0;
  return right >= 0 ? rounding_shift(unscaled, right) : max(-0x10000, min(0x10000, saturating_shift_left(unscaled, -right)));
}
