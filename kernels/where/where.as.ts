import { rowOffset } from "../loops/broadcast.as";

/** n times dst = condition ? a : b, broadcast; condition: one byte, true where not 0. dst may be an operand of its shape and width. */
// @ts-ignore: decorator
@inline
function choose<T>(
  condition: usize, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideC: i32, strideA: i32, strideB: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pc = condition + rowOffset(table, outer, row, 4, 16);
    let pa = a + (rowOffset(table, outer, row, 8, 16) << alignof<T>());
    let pb = b + (rowOffset(table, outer, row, 12, 16) << alignof<T>());
    for (const stop = i + inner; i < stop; i++) {
      store<T>(dst + (i << alignof<T>()), load<u8>(pc) != 0 ? load<T>(pa) : load<T>(pb));
      pc += strideC;
      pa += strideA << alignof<T>();
      pb += strideB << alignof<T>();
    }
  }
}

export function where_i8(
  condition: usize, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideC: i32, strideA: i32, strideB: i32, n: i32,
): void {
  choose<i8>(condition, a, b, dst, table, outer, inner, strideC, strideA, strideB, n);
}

export function where_i16(
  condition: usize, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideC: i32, strideA: i32, strideB: i32, n: i32,
): void {
  choose<i16>(condition, a, b, dst, table, outer, inner, strideC, strideA, strideB, n);
}

/** Bits of f32 or i32. */
export function where_f32(
  condition: usize, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideC: i32, strideA: i32, strideB: i32, n: i32,
): void {
  choose<i32>(condition, a, b, dst, table, outer, inner, strideC, strideA, strideB, n);
}
