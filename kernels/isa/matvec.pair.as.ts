/**
 * matvec_i8 of matvec.scalar.as.ts, pair family: two 16-bit products an instruction (SMLAD).
 * weights: i8 [n][depth] with every four in the order 0 2 1 3, so that SXTB16 yields pairs in patch order.
 */
import { requantize, clamp } from "../numerics/requantize.as";
import { smlad, sxtb16, sxtb16_ror8 } from "./isa";

export function matvec_i8(patch: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, zeroPoint: i32, lo: i32, hi: i32): void {
  const end = patch + (depth << 1);
  let c = 0;
  // Two channels share each activation load.
  for (; c + 1 < n; c += 2) {
    let acc0 = load<i32>(params);
    let acc1 = load<i32>(params, 12);
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
    store<i8>(dst, clamp(requantize(acc0, load<i32>(params, 4), load<i32>(params, 8)) + zeroPoint, lo, hi) as i8);
    store<i8>(dst, clamp(requantize(acc1, load<i32>(params, 16), load<i32>(params, 20)) + zeroPoint, lo, hi) as i8, 1);
    params += 24;
    dst += 2;
  }
  if (c < n) {
    let acc = load<i32>(params);
    for (let x = patch; x < end; x += 8) {
      const a = load<i32>(weights);
      acc = smlad(load<i32>(x, 4), sxtb16_ror8(a), smlad(load<i32>(x), sxtb16(a), acc));
      weights += 4;
    }
    store<i8>(dst, clamp(requantize(acc, load<i32>(params, 4), load<i32>(params, 8)) + zeroPoint, lo, hi) as i8);
  }
}
