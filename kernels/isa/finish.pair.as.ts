/**
 * From sums to codes, pair family. A pair of channels has, in i32 words:
 *
 *     0, 1  starts of the two accumulators: 256 A + B, and B (a plain sum each where weights are not packed in twos)
 *     2, 3  even channel: multiplier, offset (form high32); or multiplier with the top bit set, s - 1 (form exact64)
 *     4, 5  odd channel, the same
 *     6..9  only where a channel of the layer needs exact64: low and high word of r, even and odd
 */
import { ssat8 } from "./isa";

/** Form exact64: ssat8((sum * m + r - (sum < 0 ? 2^31 : 0)) >> (31 + s)); docs/design/numerics.md. */
export function exact64(sum: i32, m: i32, shift: i32, r: usize): i32 {
  const rest = (load<u32>(r) as i64) | ((load<i32>(r, 4) as i64) << 32);
  const product = (sum as i64) * ((m & 0x7fffffff) as i64) + rest - (((sum >>> 31) as i64) << 31);
  return ssat8(((product >> 32) as i32) >> shift);
}

/** sum: 256 A. */
export function even_exact64(sum: i32, params: usize): i32 {
  return exact64(sum >> 8, load<i32>(params, 8), load<i32>(params, 12), params + 24);
}

export function odd_exact64(sum: i32, params: usize): i32 {
  return exact64(sum, load<i32>(params, 16), load<i32>(params, 20), params + 32);
}

/** Clamps codes in place to [lo, hi], where that is less than SSAT's range. */
export function clamp_codes(codes: usize, count: i32, lo: i32, hi: i32): void {
  if (lo == -128 && hi == 127) return;
  for (const end = codes + count; codes < end; codes++) store<i8>(codes, min(max(load<i8>(codes) as i32, lo), hi));
}
