import { reduceOffset } from "../loops/reduce.as";

/** Source row of output row `row`, or -1 where it is padding (pad.ts has the table). */
// @ts-ignore: decorator
@inline
function sourceRow(table: usize, outer: i32, row: i32): i32 {
  let source = 0;
  let stride = 1;
  let inside = true;
  for (let d = outer - 1; d >= 0; d--) {
    const entry = table + d * 12;
    const dim = load<i32>(entry);
    const next = row / dim;
    const at = row - next * dim - load<i32>(entry, 4);
    const size = load<i32>(entry, 8);
    inside = inside && <u32>at < <u32>size;
    source += at * stride;
    stride *= size;
    row = next;
  }
  return inside ? source : -1;
}

/** f32, output rows [begin, end). dst must not alias src. */
export function pad_f32(
  src: usize, dst: usize, table: usize, outer: i32, inner: i32, before: i32, width: i32, value: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const out = dst + ((row * inner) << 2);
    for (let i = 0; i < inner; i++) store<f32>(out + (i << 2), value);
    const source = sourceRow(table, outer, row);
    if (source >= 0) memory.copy(out + (before << 2), src + ((source * width) << 2), width << 2);
  }
}

// @ts-ignore: decorator
@inline
function fill(from: usize, to: usize, value: i32, unit: i32): void {
  if (unit == 1) memory.fill(from, value as u8, to - from);
  else
    for (; from < to; from += unit) {
      if (unit == 2) store<i16>(from, value as i16);
      else store<i32>(from, value);
    }
}

/**
 * Any dtype: source rows of `width` bytes go to `start`, then by `rowStride` within a group and by the table of outer
 * dimensions between groups (bytes of dst, ascending); what lies between and after, up to `size`, becomes copies of
 * the `unit` bytes of `value` (1, 2 or 4). dst must not alias src.
 */
export function pad_bytes(
  src: usize, dst: usize, table: usize, outer: i32, groups: i32, rows: i32, rowStride: i32, width: i32, start: i32, value: i32, unit: i32, size: i32,
): void {
  const first = dst + start;
  const end = dst + size;
  for (let g = 0; g < groups; g++) {
    let out = first + reduceOffset(table, outer, g);
    for (let r = 0; r < rows; r++) {
      fill(dst, out, value, unit);
      memory.copy(out, src, width);
      src += width;
      dst = out + width;
      out += rowStride;
    }
  }
  fill(dst, end, value, unit);
}
