import { clamp, requantize } from "../numerics/requantize.as";

/** Sums over collapsed dimensions (reduce.ts has the shape of `table` and the meaning of the arguments). */

/** Source offset, in elements, of index `index` over `count` { dim, stride } entries. */
// @ts-ignore: decorator
@inline
export function reduceOffset(table: usize, count: i32, index: i32): i32 {
  let offset = 0;
  for (let d = count - 1; d >= 0; d--) {
    const entry = table + (d << 3);
    const dim = load<i32>(entry);
    const next = index / dim;
    offset += (index - next * dim) * load<i32>(entry, 4);
    index = next;
  }
  return offset;
}

/**
 * dst[o] = (sum of the values of output o, in ascending source order, one accumulator) / count, o in [begin, end).
 * count 1 leaves the sum as it is. dst must not alias src: where outputs lie side by side it holds their accumulators.
 */
// @ts-ignore: decorator
@inline
export function reduce_f32(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32,
  count: f32, begin: i32, end: i32,
): void {
  const reducedTable = table + (kept << 3);
  for (let o = begin; o < end; ) {
    const row = o / inner;
    const first = o - row * inner;
    const width = min(inner - first, end - o);
    const base = src + ((reduceOffset(table, kept, row) + first) << 2);
    const out = dst + (o << 2);
    const stop = out + (width << 2);
    for (let p = out; p < stop; p += 4) store<f32>(p, 0);
    for (let r = 0; r < runs; r++) {
      let x = base + (reduceOffset(reducedTable, reduced, r) << 2);
      if (width == 1) {
        let acc = load<f32>(out);
        for (let k = 0; k < run; k++) {
          acc += load<f32>(x);
          x += runStride << 2;
        }
        store<f32>(out, acc);
      } else {
        for (let k = 0; k < run; k++) {
          for (let p = out, q = x; p < stop; p += 4, q += 4) store<f32>(p, load<f32>(p) + load<f32>(q));
          x += runStride << 2;
        }
      }
    }
    for (let p = out; p < stop; p += 4) store<f32>(p, load<f32>(p) / count);
    o += width;
  }
}

/**
 * int8: dst[o] = requantize(sum of output o - bias) + zpOut for n outputs, double rounding. `bias`: the input's zero
 * point times the count. dst must not alias src. Overflow: 255 * count * 2^shift, which the lowering checks.
 */
// @ts-ignore: decorator
@inline
export function reduce_i8(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32,
  bias: i32, m: i32, shift: i32, zpOut: i32, n: i32,
): void {
  const reducedTable = table + (kept << 3);
  for (let o = 0; o < n; o++) {
    const row = o / inner;
    const base = src + reduceOffset(table, kept, row) + (o - row * inner);
    let acc = -bias;
    for (let r = 0; r < runs; r++) {
      let x = base + reduceOffset(reducedTable, reduced, r);
      for (let k = 0; k < run; k++) {
        acc += load<i8>(x) as i32;
        x += runStride;
      }
    }
    store<i8>(dst + o, clamp(requantize(acc, m, shift) + zpOut, -128, 127) as i8);
  }
}
