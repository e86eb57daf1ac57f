/**
 * matvec_i16_narrow of matvec16.pair.as.ts, pair-dot family: i32x4.dot_i16x8_s, eight channels at a time. weights: i8
 * [n / 8][depth / 2][8 channels][2], channels beyond n are zero (packWeights).
 */
import { finish_i16 } from "../loops/finish-i16.as";

export function matvec_i16_narrow(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, sum32: i32, lo: i32, hi: i32): void {
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
    finish_i16(i32x4.extract_lane(low, 0), params, dst, sum32, lo, hi);
    if (left > 1) finish_i16(i32x4.extract_lane(low, 1), params + 16, dst + 2, sum32, lo, hi);
    if (left > 2) finish_i16(i32x4.extract_lane(low, 2), params + 32, dst + 4, sum32, lo, hi);
    if (left > 3) finish_i16(i32x4.extract_lane(low, 3), params + 48, dst + 6, sum32, lo, hi);
    if (left > 4) finish_i16(i32x4.extract_lane(high, 0), params + 64, dst + 8, sum32, lo, hi);
    if (left > 5) finish_i16(i32x4.extract_lane(high, 1), params + 80, dst + 10, sum32, lo, hi);
    if (left > 6) finish_i16(i32x4.extract_lane(high, 2), params + 96, dst + 12, sum32, lo, hi);
    if (left > 7) finish_i16(i32x4.extract_lane(high, 3), params + 112, dst + 14, sum32, lo, hi);
    params += 128;
    dst += 16;
  }
}
