import { clamp, requantize } from "../numerics/requantize.as";

// @ts-ignore: decorator
@inline
function pick(i: i32, s0: usize, s1: usize, s2: usize, s3: usize, s4: usize, s5: usize, s6: usize, s7: usize): usize {
  if (i < 4) return i < 2 ? (i == 0 ? s0 : s1) : i == 2 ? s2 : s3;
  return i < 6 ? (i == 4 ? s4 : s5) : i == 6 ? s6 : s7;
}

/** f32, outer rows [begin, end), `block` values each; table: i32 [count] widths. dst must not alias a source. */
export function concat_f32(
  s0: usize, s1: usize, s2: usize, s3: usize, s4: usize, s5: usize, s6: usize, s7: usize,
  dst: usize, table: usize, count: i32, block: i32, begin: i32, end: i32,
): void {
  let start = dst;
  for (let s = 0; s < count; s++) {
    const width = load<i32>(table + (s << 2)) << 2;
    const src = pick(s, s0, s1, s2, s3, s4, s5, s6, s7);
    for (let row = begin; row < end; row++) memory.copy(start + ((row * block) << 2), src + row * width, width);
    start += width;
  }
}

/**
 * int8, `rows` outer rows; table: i32 [count] { width, zpIn, m, shift, zpOut }: requantized with double rounding, or
 * copied where m is 0. dst must not alias a source.
 */
export function concat_i8(
  s0: usize, s1: usize, s2: usize, s3: usize, s4: usize, s5: usize, s6: usize, s7: usize,
  dst: usize, table: usize, count: i32, block: i32, rows: i32,
): void {
  for (let s = 0; s < count; s++) {
    const width = load<i32>(table);
    const zpIn = load<i32>(table, 4);
    const m = load<i32>(table, 8);
    const shift = load<i32>(table, 12);
    const zpOut = load<i32>(table, 16);
    let src = pick(s, s0, s1, s2, s3, s4, s5, s6, s7);
    for (let row = 0; row < rows; row++) {
      const out = dst + row * block;
      if (m == 0) memory.copy(out, src, width);
      else
        for (let i = 0; i < width; i++)
          store<i8>(out + i, clamp(requantize((load<i8>(src + i) as i32) - zpIn, m, shift) + zpOut, -128, 127) as i8);
      src += width;
    }
    dst += width;
    table += 20;
  }
}

/** Any dtype, `rows` outer rows of `block` bytes; table: i32 [count] widths in bytes. dst must not alias a source. */
export function concat_bytes(
  s0: usize, s1: usize, s2: usize, s3: usize, s4: usize, s5: usize, s6: usize, s7: usize,
  dst: usize, table: usize, count: i32, block: i32, rows: i32,
): void {
  for (let s = 0; s < count; s++) {
    const width = load<i32>(table + (s << 2));
    let src = pick(s, s0, s1, s2, s3, s4, s5, s6, s7);
    let out = dst;
    for (let row = 0; row < rows; row++) {
      memory.copy(out, src, width);
      src += width;
      out += block;
    }
    dst += width;
  }
}
