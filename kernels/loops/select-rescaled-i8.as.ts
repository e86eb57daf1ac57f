import { chosen, rowOffset } from "./broadcast.as";

/** n times dst = op(codesA[a], codesB[b]); codesA, codesB: i8 [256] in the order of the code's bits. */
// @ts-ignore: decorator
@inline
export function selectRescaled_i8(
  op: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, codesA: usize, codesB: usize, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + rowOffset(table, outer, row, 4);
    let pb = b + rowOffset(table, outer, row, 8);
    for (const stop = i + inner; i < stop; i++) {
      store<i8>(dst + i, chosen<i8, i8>(op, load<i8>(codesA + <usize>load<u8>(pa)), load<i8>(codesB + <usize>load<u8>(pb))));
      pa += strideA;
      pb += strideB;
    }
  }
}
