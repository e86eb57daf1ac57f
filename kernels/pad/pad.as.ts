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

/** int8, all rows; `value` is a code. dst must not alias src. */
export function pad_i8(src: usize, dst: usize, table: usize, outer: i32, inner: i32, before: i32, width: i32, value: i32, rows: i32): void {
  for (let row = 0; row < rows; row++) {
    const out = dst + row * inner;
    for (let i = 0; i < inner; i++) store<i8>(out + i, value as i8);
    const source = sourceRow(table, outer, row);
    if (source >= 0) memory.copy(out + before, src + source * width, width);
  }
}
