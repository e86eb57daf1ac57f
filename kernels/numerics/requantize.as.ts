/**
 * Requantization as TensorFlow Lite does it, in one 64-bit product (DESIGN of the numerics: docs/design/numerics.md).
 * m: Q31 multiplier in [2^30, 2^31), or 0; shift > 0 is left. The caller adds the zero point and clamps.
 * Right shift s = -shift in 1..31: the two roundings collapse to one: the doubling high multiply rounds half up
 * (towards +inf for negatives too), the rounding shift rounds half away from zero.
 */
// @ts-ignore: decorator
@inline
export function requantize(acc: i32, m: i32, shift: i32): i32 {
  if (shift < 0) {
    const s = -shift as i64;
    const nudge: i64 = acc < 0 ? -(1 << 30) : 1 << 30;
    return (((acc as i64) * (m as i64) + ((1 as i64) << (30 + s)) + nudge) >> (31 + s)) as i32;
  }
  return ((((acc << shift) as i64) * (m as i64) + (1 << 30)) >> 31) as i32;
}

// @ts-ignore: decorator
@inline
export function clamp(x: i32, lo: i32, hi: i32): i32 {
  return min(max(x, lo), hi);
}
