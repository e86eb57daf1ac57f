import { rowOffset } from "../loops/broadcast.as";

/** f32: dst = a > b ? 1 : 0 on outputs [begin, end), 0 for NaN; dst may be an operand of its shape. */
export function greater_f32(
  a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const first = i - row * inner;
    const stop = min(end, i + inner - first);
    let pa = a + ((rowOffset(table, outer, row, 4) + first * strideA) << 2);
    let pb = b + ((rowOffset(table, outer, row, 8) + first * strideB) << 2);
    for (; i < stop; i++) {
      store<f32>(dst + (i << 2), (load<f32>(pa) > load<f32>(pb)) as i32 as f32);
      pa += strideA << 2;
      pb += strideB << 2;
    }
  }
}
