import { arithmetic_f32, arithmetic_i32, MUL, rowOffset } from "../loops/broadcast.as";
import { clamp } from "../numerics/requantize.as";
import { requantizeSaturating } from "../numerics/requantize-saturating.as";

/** f32: dst = clamp(a * b, lo, hi) on outputs [begin, end); dst may be an operand of its shape. */
export function mul_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  arithmetic_f32(MUL, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}

/** i32, wrapping, then clamped to [lo, hi], on outputs [begin, end); dst may be an operand of its shape. */
export function mul_i32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  arithmetic_i32(MUL, a, b, dst, table, outer, inner, strideA, strideB, lo, hi, begin, end);
}

/**
 * requantize((a - zpA) * (b - zpB)) + zpOut, double rounding, n outputs. Overflow: the product is at most 2^30 (int16 at
 * zero points of 0); what a left shift would push out of 32 bits saturates.
 */
// @ts-ignore: decorator
@inline
function products<T>(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, zpB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + (rowOffset(table, outer, row, 4) << alignof<T>());
    let pb = b + (rowOffset(table, outer, row, 8) << alignof<T>());
    for (const stop = i + inner; i < stop; i++) {
      const product = ((load<T>(pa) as i32) - zpA) * ((load<T>(pb) as i32) - zpB);
      store<T>(dst + (i << alignof<T>()), clamp(requantizeSaturating(product, m, shift) + zpOut, lo, hi) as T);
      pa += strideA << alignof<T>();
      pb += strideB << alignof<T>();
    }
  }
}

/** int8; dst may be an operand of its shape. */
export function mul_i8(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, zpB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  products<i8>(a, b, dst, table, outer, inner, strideA, strideB, zpA, zpB, m, shift, zpOut, lo, hi, n);
}

/** int16; dst may be an operand of its shape. */
export function mul_i16(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  zpA: i32, zpB: i32, m: i32, shift: i32, zpOut: i32, lo: i32, hi: i32, n: i32,
): void {
  products<i16>(a, b, dst, table, outer, inner, strideA, strideB, zpA, zpB, m, shift, zpOut, lo, hi, n);
}
