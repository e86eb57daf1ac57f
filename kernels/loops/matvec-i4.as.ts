/**
 * dst[c] = clamp(requantize(bias[c] + sum_i patch[i] * w[c][i]) + zeroPoint) with int4 weights, unpacked on the fly.
 * patch: i16 activations less their zero point, 2-aligned, `depth` of them, even (zero padded). weights: [n][depth / 2]
 * bytes, the even one in the low half. params: i32 [n][bias, multiplier, shift]. dst: i8 [n], no overlap.
 * Overflow: |x - zp| <= 255 and |w| <= 8 allow a depth of 2^20.
 */
import { requantize, clamp } from "../numerics/requantize.as";

export function matvec_i8_w4(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, zeroPoint: i32, lo: i32, hi: i32): void {
  const end = patch + (depth << 1);
  for (let c = 0; c < n; c++) {
    let acc = load<i32>(params);
    for (let x = patch; x < end; x += 4) {
      const pair = load<i8>(weights++) as i32;
      acc += (load<i16>(x) as i32) * ((pair << 28) >> 28) + (load<i16>(x, 2) as i32) * (pair >> 4);
    }
    store<i8>(dst + c, clamp(requantize(acc, load<i32>(params, 4), load<i32>(params, 8)) + zeroPoint, lo, hi) as i8);
    params += 12;
  }
}
