/**
 * dst[c] = clamp(requantize(bias[c] + sum_i patch[i] * w[c][i]) + zeroPoint), scalar family.
 * patch: i16 activations less their zero point, `depth` of them (a multiple of 4, zero padded), 4-aligned.
 * weights: i8 [n][depth]. params: i32 [n][bias, multiplier, shift]. dst: i8 [n], no overlap with patch.
 * Overflow: |x - zp| <= 255 and |w| <= 128 allow depth <= 65 793; the compiler checks the bound.
 */
import { requantize, clamp } from "../numerics/requantize.as";

export function matvec_i8(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, zeroPoint: i32, lo: i32, hi: i32): void {
  for (let c = 0; c < n; c++) {
    let acc = load<i32>(params);
    for (let i = 0; i < depth; i++) acc += (load<i16>(patch + (i << 1)) as i32) * (load<i8>(weights + i) as i32);
    store<i8>(dst + c, clamp(requantize(acc, load<i32>(params, 4), load<i32>(params, 8)) + zeroPoint, lo, hi) as i8);
    weights += depth;
    params += 12;
  }
}
