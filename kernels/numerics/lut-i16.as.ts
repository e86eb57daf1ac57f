/** Value of an int16 table of 513 entries (lut-i16.ts) at x: entry x / 128 and a line to the next. */
// @ts-ignore: decorator
@inline
export function lookup_i16(table: usize, x: i32): i32 {
  const entry = table + ((256 + (x >> 7)) << 1);
  const base = load<i16>(entry) as i32;
  const slope = (load<i16>(entry, 2) as i32) - base;
  return base + ((slope * (x & 127) + 64) >> 7);
}
