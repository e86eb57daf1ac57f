import { reduceOffset } from "./reduce.as";

/** Strided copy of outputs [begin, end), 4 bytes each (strided.ts has the formula). dst must not alias src. */
// @ts-ignore: decorator
@inline
export function strided_f32(src: usize, dst: usize, table: usize, outer: i32, inner: i32, stride: i32, start: i32, begin: i32, end: i32): void {
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const first = i - row * inner;
    const stop = min(end, i + inner - first);
    let x = src + ((start + reduceOffset(table, outer, row) + first * stride) << 2);
    if (stride == 1) {
      memory.copy(dst + (i << 2), x, (stop - i) << 2);
      i = stop;
    }
    for (; i < stop; i++) {
      store<i32>(dst + (i << 2), load<i32>(x));
      x += stride << 2;
    }
  }
}
