/** The loop that elementwise operators of two operands share (broadcast.ts has the shape of `table`). */

/** Offset, in elements, of output row `row` in the operand whose stride is at byte `operand` (4: a, 8: b). */
// @ts-ignore: decorator
@inline
export function rowOffset(table: usize, outer: i32, row: i32, operand: usize): i32 {
  let offset = 0;
  for (let d = outer - 1; d >= 0; d--) {
    const entry = table + d * 12;
    const dim = load<i32>(entry);
    const next = row / dim;
    offset += (row - next * dim) * load<i32>(entry + operand);
    row = next;
  }
  return offset;
}

// @ts-ignore: decorator
@inline
export const ADD: i32 = 0;
// @ts-ignore: decorator
@inline
export const SUB: i32 = 1;
// @ts-ignore: decorator
@inline
export const MUL: i32 = 2;
// @ts-ignore: decorator
@inline
export const DIV: i32 = 3;

/** Arithmetic on outputs [begin, end), clamped to [lo, hi]. `op` is a constant at every call: its branch folds. */
// @ts-ignore: decorator
@inline
export function arithmetic_f32(
  op: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const first = i - row * inner;
    const stop = min(end, i + inner - first);
    let pa = a + ((rowOffset(table, outer, row, 4) + first * strideA) << 2);
    let pb = b + ((rowOffset(table, outer, row, 8) + first * strideB) << 2);
    for (; i < stop; i++) {
      const x = load<f32>(pa);
      const y = load<f32>(pb);
      const z = op == ADD ? x + y : op == SUB ? x - y : op == MUL ? x * y : x / y;
      store<f32>(dst + (i << 2), min<f32>(max<f32>(z, lo), hi));
      pa += strideA << 2;
      pb += strideB << 2;
    }
  }
}
