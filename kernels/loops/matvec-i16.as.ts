/**
 * Products of int8 weights with int16 activations, symmetric on both sides. weights: i8 [n][depth]; patch: i16 [depth],
 * 2-aligned; dst: i16 [n], no overlap. Two channels share the loads of activations.
 */
import { requantize, clamp } from "../numerics/requantize.as";
import { requantize_wide } from "../numerics/requantize-wide.as";

/**
 * dst[c] = clamp(requantize_wide(bias[c] + sum_i patch[i] * w[c][i])), sums of 64 bits. params: [n] of { bias i64,
 * multiplier i32, right shift i32 }, 8-aligned. Runs of `chunk` products are summed in 32 bits: the host chooses it so
 * that none can overflow (32768 * sum|w| < 2^31 over the run; 511 products always fit).
 */
export function matvec_i16(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, chunk: i32, lo: i32, hi: i32): void {
  const end = patch + (depth << 1);
  let c = 0;
  for (; c + 1 < n; c += 2) {
    let sum0 = load<i64>(params);
    let sum1 = load<i64>(params, 16);
    let w1 = weights + depth;
    let x = patch;
    while (x < end) {
      const stop = min<usize>(x + (chunk << 1), end);
      let run0 = 0;
      let run1 = 0;
      for (; x < stop; x += 2) {
        const v = load<i16>(x) as i32;
        run0 += v * (load<i8>(weights++) as i32);
        run1 += v * (load<i8>(w1++) as i32);
      }
      sum0 += run0 as i64;
      sum1 += run1 as i64;
    }
    weights = w1;
    store<i16>(dst, clamp(requantize_wide(sum0, load<i32>(params, 8), load<i32>(params, 12)), lo, hi) as i16);
    store<i16>(dst, clamp(requantize_wide(sum1, load<i32>(params, 24), load<i32>(params, 28)), lo, hi) as i16, 2);
    params += 32;
    dst += 4;
  }
  if (c < n) {
    let sum = load<i64>(params);
    let x = patch;
    while (x < end) {
      const stop = min<usize>(x + (chunk << 1), end);
      let run = 0;
      for (; x < stop; x += 2) run += (load<i16>(x) as i32) * (load<i8>(weights++) as i32);
      sum += run as i64;
    }
    store<i16>(dst, clamp(requantize_wide(sum, load<i32>(params, 8), load<i32>(params, 12)), lo, hi) as i16);
  }
}

/**
 * dst[c] = clamp(requantize(bias[c] + sum_i patch[i] * w[c][i])), sums of 32 bits, rounded twice as requantize says.
 * params: i32 [n][bias, multiplier, shift]. Overflow: sums wrap, as TensorFlow
 * Lite Micro's do; 511 products always fit, and as many more as the weights' sizes leave room for.
 */
export function matvec_i16_sum32(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, lo: i32, hi: i32): void {
  const end = patch + (depth << 1);
  let c = 0;
  for (; c + 1 < n; c += 2) {
    let sum0 = load<i32>(params);
    let sum1 = load<i32>(params, 12);
    let w1 = weights + depth;
    for (let x = patch; x < end; x += 2) {
      const v = load<i16>(x) as i32;
      sum0 += v * (load<i8>(weights++) as i32);
      sum1 += v * (load<i8>(w1++) as i32);
    }
    weights = w1;
    store<i16>(dst, clamp(requantize(sum0, load<i32>(params, 4), load<i32>(params, 8)), lo, hi) as i16);
    store<i16>(dst, clamp(requantize(sum1, load<i32>(params, 16), load<i32>(params, 20)), lo, hi) as i16, 2);
    params += 24;
    dst += 4;
  }
  if (c < n) {
    let sum = load<i32>(params);
    for (let x = patch; x < end; x += 2) sum += (load<i16>(x) as i32) * (load<i8>(weights++) as i32);
    store<i16>(dst, clamp(requantize(sum, load<i32>(params, 4), load<i32>(params, 8)), lo, hi) as i16);
  }
}
