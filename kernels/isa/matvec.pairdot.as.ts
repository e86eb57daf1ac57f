/**
 * matvec_i8 of matvec.scalar.as.ts, pair-dot family: WASM SIMD i32x4.dot_i16x8_s, eight channels at a time.
 * weights: i8 [n / 8][depth / 2][8 channels][2], channels beyond n are zero.
 */
import { requantize, clamp } from "../numerics/requantize.as";

// @ts-ignore: decorator
@inline
function finish(acc: i32, params: usize, dst: usize, zeroPoint: i32, lo: i32, hi: i32): void {
  store<i8>(dst, clamp(requantize(acc + load<i32>(params), load<i32>(params, 4), load<i32>(params, 8)) + zeroPoint, lo, hi) as i8);
}

export function matvec_i8(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, zeroPoint: i32, lo: i32, hi: i32): void {
  const end = patch + (depth << 1);
  for (let c = 0; c < n; c += 8) {
    let low = i32x4.splat(0);
    let high = i32x4.splat(0);
    for (let x = patch; x < end; x += 4) {
      const pair = v128.load32_splat(x);
      low = i32x4.add(low, i32x4.dot_i16x8_s(pair, v128.load8x8_s(weights)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(pair, v128.load8x8_s(weights, 8)));
      weights += 16;
    }
    const left = n - c;
    finish(i32x4.extract_lane(low, 0), params, dst, zeroPoint, lo, hi);
    if (left > 1) finish(i32x4.extract_lane(low, 1), params + 12, dst + 1, zeroPoint, lo, hi);
    if (left > 2) finish(i32x4.extract_lane(low, 2), params + 24, dst + 2, zeroPoint, lo, hi);
    if (left > 3) finish(i32x4.extract_lane(low, 3), params + 36, dst + 3, zeroPoint, lo, hi);
    if (left > 4) finish(i32x4.extract_lane(high, 0), params + 48, dst + 4, zeroPoint, lo, hi);
    if (left > 5) finish(i32x4.extract_lane(high, 1), params + 60, dst + 5, zeroPoint, lo, hi);
    if (left > 6) finish(i32x4.extract_lane(high, 2), params + 72, dst + 6, zeroPoint, lo, hi);
    if (left > 7) finish(i32x4.extract_lane(high, 3), params + 84, dst + 7, zeroPoint, lo, hi);
    params += 96;
    dst += 8;
  }
}
