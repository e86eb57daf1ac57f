import { clamp } from "../numerics/requantize.as";
import { rowOffset } from "./broadcast.as";

/** dst = clamp((a * ma + b * mb + r) >> 22, lo, hi), n values of int8, broadcast; as loops/linear.as.ts. dst may be an operand of its shape. */
export function linear_i8_rows(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  ma: i32, mb: i32, r: i32, lo: i32, hi: i32, n: i32,
): void {
  for (let i = 0; i < n; ) {
    const row = i / inner;
    let pa = a + rowOffset(table, outer, row, 4);
    let pb = b + rowOffset(table, outer, row, 8);
    for (const stop = i + inner; i < stop; i++) {
      const sum = (load<i8>(pa) as i32) * ma + r + (load<i8>(pb) as i32) * mb;
      store<i8>(dst + i, clamp(sum >> 22, lo, hi) as i8);
      pa += strideA;
      pb += strideB;
    }
  }
}
