import { high_product_of, rounding_shift, saturating_shift_left } from "../numerics/fixed-point.as";
import { clamp, requantize } from "../numerics/requantize.as";

/** f32 rows of `depth`: x / max(norm, 1e-6), squares summed in ascending order. dst may be src. */
export function l2Normalization_f32(src: usize, dst: usize, rows: i32, depth: i32): void {
  const bytes = depth << 2;
  for (let row = 0; row < rows; row++) {
    let acc: f32 = 0;
    for (let i = 0; i < bytes; i += 4) {
      const value = load<f32>(src + i);
      acc += value * value;
    }
    const norm = max<f32>(sqrt<f32>(acc), 1e-6);
    for (let i = 0; i < bytes; i += 4) store<f32>(dst + i, load<f32>(src + i) / norm);
    src += bytes;
    dst += bytes;
  }
}

/** 1 / sqrt(x) * sqrt(1/2) as Q3.28 for x = input / 2^28 in [1/2, 2): five Newton steps from 1. */
// @ts-ignore: decorator
@inline
function inverseRoot(input: i32): i32 {
  const halfInput = rounding_shift(input >> 1, 1);
  let y: i32 = 1 << 28;
  for (let i = 0; i < 5; i++) {
    const cube = saturating_shift_left(high_product_of(high_product_of(y, y), y), 6);
    y = saturating_shift_left(high_product_of((1 << 28) + (1 << 27), y) - high_product_of(halfInput, cube), 3);
  }
  return high_product_of(y, 1518500250);
}

/**
 * int8 rows of `depth`, bit for bit as TFLite's reference (GetInvSqrtQuantizedMultiplierExp): the inverse root of the
 * sum of squares becomes a Q31 multiplier and a shift; the output has scale 1/128. dst may be src.
 * Overflow: 33 025 values.
 */
export function l2Normalization_i8(src: usize, dst: usize, rows: i32, depth: i32, zeroPoint: i32): void {
  for (let row = 0; row < rows; row++) {
    let acc = 0;
    for (let i = 0; i < depth; i++) {
      const value = (load<i8>(src + i) as i32) - zeroPoint;
      acc += value * value;
    }
    let m: i32 = 0x7fffffff;
    let right = 0;
    if (acc > 1) {
      right = 11;
      if (acc >= 1 << 29) {
        acc >>= 2;
        right++;
      }
      const pairs = ((clz<i32>(acc) - 1) >> 1) - 1;
      right -= pairs;
      m = inverseRoot(acc << (pairs << 1));
      if (right < 0) {
        m <<= -right;
        right = 0;
      }
    }
    for (let i = 0; i < depth; i++)
      store<i8>(dst + i, clamp(requantize((load<i8>(src + i) as i32) - zeroPoint, m, 7 - right), -128, 127) as i8);
    src += depth;
    dst += depth;
  }
}
