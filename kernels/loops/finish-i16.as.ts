import { clamp, requantize } from "../numerics/requantize.as";
import { requantize_wide } from "../numerics/requantize-wide.as";

/**
 * Stores the int16 code of a sum of products. params: { bias i64, multiplier i32, shift i32 }. sum32 1: the bias is
 * added in 32 bits, the sum rounded twice (requantize); 0: in 64 bits, rounded once (requantize_wide).
 */
export function finish_i16(sum: i32, params: usize, dst: usize, sum32: i32, lo: i32, hi: i32): void {
  const m = load<i32>(params, 8);
  const shift = load<i32>(params, 12);
  const code = sum32
    ? requantize(sum + load<i32>(params), m, shift)
    : requantize_wide((sum as i64) + load<i64>(params), m, shift);
  store<i16>(dst, clamp(code, lo, hi) as i16);
}
