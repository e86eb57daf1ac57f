/**
 * One row by four output channels, pair family: 16 halfwords a turn, 32 SMLAD for 64 products. Weights are used once, so
 * their loads and widening are most of the rest.
 *
 * x: i16 [words][2], 8-aligned. weights: i16 [n / 4][words][2 pairs of channels][2], 8-aligned, and params as in
 * tile.pair.as.ts. dst: i8 [n rounded up to 4], no overlap. words: a multiple of 8.
 */
import { even_exact64, odd_exact64 } from "./finish";
import { smlad, smmla, ssat8, ssat8_asr8, sxtb16 } from "./isa";

/** Codes of a pair of channels from its two accumulators. */
function finish(even: i32, odd: i32, params: usize, dst: usize): void {
  const m = load<i32>(params, 8);
  even -= odd;
  if (m < 0) {
    store<i8>(dst, even_exact64(even, params));
    store<i8>(dst, odd_exact64(odd, params), 1);
  } else {
    store<i8>(dst, ssat8_asr8(smmla(even, m, load<i32>(params, 12))));
    store<i8>(dst, ssat8(smmla(odd, load<i32>(params, 16), load<i32>(params, 20))), 1);
  }
}

export function row_i8(x: usize, weights: usize, params: usize, dst: usize, words: i32, n: i32, paramBytes: i32): void {
  const end = x + (words << 2);
  for (const last = dst + n; dst < last; dst += 4) {
    const next = params + paramBytes;
    let a0 = load<i32>(params);
    let b0 = load<i32>(params, 4);
    let a1 = load<i32>(next);
    let b1 = load<i32>(next, 4);
    let x0: i32, w: i32, xx: i64, ww: i64;
    for (let p = x; p < end; p += 32) {
      xx = load<i64>(p, 0);
      x0 = xx as i32;
      ww = load<i64>(weights, 0);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      x0 = (xx >> 32) as i32;
      ww = load<i64>(weights, 8);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      xx = load<i64>(p, 8);
      x0 = xx as i32;
      ww = load<i64>(weights, 16);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      x0 = (xx >> 32) as i32;
      ww = load<i64>(weights, 24);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      xx = load<i64>(p, 16);
      x0 = xx as i32;
      ww = load<i64>(weights, 32);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      x0 = (xx >> 32) as i32;
      ww = load<i64>(weights, 40);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      xx = load<i64>(p, 24);
      x0 = xx as i32;
      ww = load<i64>(weights, 48);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      x0 = (xx >> 32) as i32;
      ww = load<i64>(weights, 56);
      w = ww as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, sxtb16(w), b0);
      w = (ww >> 32) as i32;
      a1 = smlad(x0, w, a1);
      b1 = smlad(x0, sxtb16(w), b1);
      weights += 64;
    }
    finish(a0, b0, params, dst);
    finish(a1, b1, next, dst + 2);
    params = next + paramBytes;
  }
}
