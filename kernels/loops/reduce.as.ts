import { SUM_WORDS_MOST, sumWords } from "./sum-words.as";
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
 * int8 and int16: dst[o] = requantize(sum of output o - bias) + zpOut for n outputs, double rounding. `bias`: the
 * input's zero point times the count. dst must not alias src. Overflow: the codes' span * count * 2^shift, which the
 * lowering checks. int8 outputs that lie side by side are summed four a word, over up to 256 values.
 */
// @ts-ignore: decorator
@inline
export function reduce_int<T>(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32,
  bias: i32, m: i32, shift: i32, zpOut: i32, n: i32,
): void {
  const size = sizeof<T>() as i32;
  const reducedTable = table + (kept << 3);
  const lowest = sizeof<T>() == 1 ? -128 : -32768;
  const step = runStride * size;
  const rows = n / inner;
  const words = sizeof<T>() == 1 && runs == 1 && run <= SUM_WORDS_MOST && ((src | inner | runStride) & 3) == 0;
  for (let row = 0; row < rows; row++) {
    let base = src + reduceOffset(table, kept, row) * size;
    const end = base + inner * size;
    if (words) {
      const offset = -(run << 7) - bias;
      for (; base < end; base += 4) {
        const sums = sumWords(base, 1, 0, run, step);
        const a = sums as u32;
        const b = (sums >>> 32) as u32;
        store<T>(dst, clamp(requantize((a & 0xffff) + offset, m, shift) + zpOut, lowest, ~lowest) as T);
        store<T>(dst, clamp(requantize((b & 0xffff) + offset, m, shift) + zpOut, lowest, ~lowest) as T, 1);
        store<T>(dst, clamp(requantize((a >>> 16) + offset, m, shift) + zpOut, lowest, ~lowest) as T, 2);
        store<T>(dst, clamp(requantize((b >>> 16) + offset, m, shift) + zpOut, lowest, ~lowest) as T, 3);
        dst += 4;
      }
    }
    for (; base < end; base += size) {
      let acc = -bias;
      for (let r = 0; r < runs; r++) {
        let x = base + reduceOffset(reducedTable, reduced, r) * size;
        for (let k = 0; k < run; k++) {
          acc += load<T>(x) as i32;
          x += step;
        }
      }
      store<T>(dst, clamp(requantize(acc, m, shift) + zpOut, lowest, ~lowest) as T);
      dst += size;
    }
  }
}

/** Whether `candidate` replaces `current` as the largest (or smallest): never where it is NaN. */
// @ts-ignore: decorator
@inline
export function exceeds<T>(candidate: T, current: T, largest: bool): bool {
  return largest ? candidate > current : candidate < current;
}

/** dst[o] = the largest (or smallest) value of output o, of n; NaN counts as absent. dst must not alias src. */
// @ts-ignore: decorator
@inline
export function reduce_extreme<T>(
  src: usize, dst: usize, table: usize, kept: i32, reduced: i32, inner: i32, runs: i32, run: i32, runStride: i32, largest: bool, n: i32,
): void {
  const size = sizeof<T>() as i32;
  const reducedTable = table + (kept << 3);
  const step = runStride * size;
  const rows = n / inner;
  for (let row = 0; row < rows; row++) {
    let base = src + reduceOffset(table, kept, row) * size;
    for (const end = base + inner * size; base < end; base += size) {
      let best = isFloat<T>() ? ((largest ? -Infinity : Infinity) as T) : load<T>(base);
      for (let r = 0; r < runs; r++) {
        let x = base + reduceOffset(reducedTable, reduced, r) * size;
        for (let k = 0; k < run; k++) {
          const value = load<T>(x);
          best = exceeds<T>(value, best, largest) ? value : best;
          x += step;
        }
      }
      store<T>(dst, best);
      dst += size;
    }
  }
}
