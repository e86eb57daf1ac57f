/**
 * Requantization of 64-bit sums as TensorFlow Lite does it: one product with a multiplier reduced to 16 bits, rounded
 * once, half up. m: as reduceMultiplier of requantize-wide.ts, 0 or in [2^14, 2^15); right = 15 - shift, in 8..46.
 * acc: in [-2^47, 2^47). The caller adds the zero point and clamps; what does not fit in 32 bits wraps.
 */
// @ts-ignore: decorator
@inline
export function requantize_wide(acc: i64, m: i32, right: i32): i32 {
  const r = right as i64;
  return ((acc * (m as i64) + ((1 as i64) << (r - 1))) >> r) as i32;
}
