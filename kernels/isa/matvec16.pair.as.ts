/**
 * matvec_i16_narrow, pair family: two 16-bit products an instruction (SMLAD). weights: i8 [n][depth] with every four in
 * the order 0 2 1 3 (packWeights), so that SXTB16 yields pairs in patch order; two channels share the activations.
 *
 * dst[c] = clamp(requantized bias[c] + sum_i patch[i] * w[c][i]): sums of 32 bits, which the host has proved to hold the
 * products; sum32 1 adds the bias in 32 bits and rounds twice (requantize), 0 in 64 bits and rounds once
 * (requantize_wide). patch: i16 [depth], depth a multiple of 4, 4-aligned. params: [n] of { bias i64, multiplier i32,
 * shift i32 }, 8-aligned. dst: i16 [n], no overlap.
 */
import { finish_i16 } from "../loops/finish-i16.as";
import { smlad, sxtb16, sxtb16_ror8 } from "./isa";

export function matvec_i16_narrow(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, sum32: i32, lo: i32, hi: i32): void {
  const end = patch + (depth << 1);
  let c = 0;
  for (; c + 1 < n; c += 2) {
    let acc0 = 0;
    let acc1 = 0;
    let w1 = weights + depth;
    for (let x = patch; x < end; x += 8) {
      const x01 = load<i32>(x);
      const x23 = load<i32>(x, 4);
      const a = load<i32>(weights);
      const b = load<i32>(w1);
      acc0 = smlad(x23, sxtb16_ror8(a), smlad(x01, sxtb16(a), acc0));
      acc1 = smlad(x23, sxtb16_ror8(b), smlad(x01, sxtb16(b), acc1));
      weights += 4;
      w1 += 4;
    }
    weights = w1;
    finish_i16(acc0, params, dst, sum32, lo, hi);
    finish_i16(acc1, params + 16, dst + 2, sum32, lo, hi);
    params += 32;
    dst += 4;
  }
  if (c < n) {
    let acc = 0;
    for (let x = patch; x < end; x += 8) {
      const a = load<i32>(weights);
      acc = smlad(load<i32>(x, 4), sxtb16_ror8(a), smlad(load<i32>(x), sxtb16(a), acc));
      weights += 4;
    }
    finish_i16(acc, params, dst, sum32, lo, hi);
  }
}
