/**
 * Four pixels by two output channels, pair family: 8 halfwords a turn, 32 SMLAD for 64 products.
 *
 * x: i16 [words][4 pixels][2], 8-aligned (two pixels are one LDRD). weights: i16 [n / 2][words][2], each half 256 a + b
 * of an even and the next odd channel: SMLAD with the word sums 256 A + B, SMLAD with its SXTB16 sums B. A is the
 * difference / 256, exact while |A| < 2^23, which the lowering proves. params: i32 [n / 2][6, mixed 10], see
 * finish.pair.as.ts. dst: i8 [4 pixels][n], n even, no overlap. words: a multiple of 4.
 */
import { even_exact64, odd_exact64 } from "./finish";
import { smlad, smmla, ssat8, ssat8_asr8, sxtb16 } from "./isa";

// @ts-ignore: decorator
@inline
function tile(x: usize, weights: usize, params: usize, dst: usize, words: i32, n: i32, paramBytes: i32, mixed: bool): void {
  const end = x + (words << 4);
  const last = dst + n;
  const n3 = n * 3;
  for (; dst < last; dst += 2) {
    let a0 = load<i32>(params);
    let b0 = load<i32>(params, 4);
    let a1 = a0, a2 = a0, a3 = a0;
    let b1 = b0, b2 = b0, b3 = b0;
    let w: i32, v: i32, x0: i32, x1: i32, xx: i64;
    for (let p = x; p < end; p += 64) {
      w = load<i32>(weights, 0);
      v = sxtb16(w);
      xx = load<i64>(p, 0);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, v, b0);
      a1 = smlad(x1, w, a1);
      b1 = smlad(x1, v, b1);
      xx = load<i64>(p, 8);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a2 = smlad(x0, w, a2);
      b2 = smlad(x0, v, b2);
      a3 = smlad(x1, w, a3);
      b3 = smlad(x1, v, b3);
      w = load<i32>(weights, 4);
      v = sxtb16(w);
      xx = load<i64>(p, 16);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, v, b0);
      a1 = smlad(x1, w, a1);
      b1 = smlad(x1, v, b1);
      xx = load<i64>(p, 24);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a2 = smlad(x0, w, a2);
      b2 = smlad(x0, v, b2);
      a3 = smlad(x1, w, a3);
      b3 = smlad(x1, v, b3);
      w = load<i32>(weights, 8);
      v = sxtb16(w);
      xx = load<i64>(p, 32);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, v, b0);
      a1 = smlad(x1, w, a1);
      b1 = smlad(x1, v, b1);
      xx = load<i64>(p, 40);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a2 = smlad(x0, w, a2);
      b2 = smlad(x0, v, b2);
      a3 = smlad(x1, w, a3);
      b3 = smlad(x1, v, b3);
      w = load<i32>(weights, 12);
      v = sxtb16(w);
      xx = load<i64>(p, 48);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a0 = smlad(x0, w, a0);
      b0 = smlad(x0, v, b0);
      a1 = smlad(x1, w, a1);
      b1 = smlad(x1, v, b1);
      xx = load<i64>(p, 56);
      x0 = xx as i32;
      x1 = (xx >> 32) as i32;
      a2 = smlad(x0, w, a2);
      b2 = smlad(x0, v, b2);
      a3 = smlad(x1, w, a3);
      b3 = smlad(x1, v, b3);
      weights += 16;
    }
    a0 -= b0;
    a1 -= b1;
    a2 -= b2;
    a3 -= b3;
    const even = load<i32>(params, 8), odd = load<i32>(params, 16);
    if (mixed && even < 0) {
      store<i8>(dst, even_exact64(a0, params));
      store<i8>(dst + n, even_exact64(a1, params));
      store<i8>(dst + (n << 1), even_exact64(a2, params));
      store<i8>(dst + n3, even_exact64(a3, params));
      store<i8>(dst, odd_exact64(b0, params), 1);
      store<i8>(dst + n, odd_exact64(b1, params), 1);
      store<i8>(dst + (n << 1), odd_exact64(b2, params), 1);
      store<i8>(dst + n3, odd_exact64(b3, params), 1);
    } else {
      const evenOffset = load<i32>(params, 12), oddOffset = load<i32>(params, 20);
      store<i8>(dst, ssat8_asr8(smmla(a0, even, evenOffset)));
      store<i8>(dst + n, ssat8_asr8(smmla(a1, even, evenOffset)));
      store<i8>(dst + (n << 1), ssat8_asr8(smmla(a2, even, evenOffset)));
      store<i8>(dst + n3, ssat8_asr8(smmla(a3, even, evenOffset)));
      store<i8>(dst, ssat8(smmla(b0, odd, oddOffset)), 1);
      store<i8>(dst + n, ssat8(smmla(b1, odd, oddOffset)), 1);
      store<i8>(dst + (n << 1), ssat8(smmla(b2, odd, oddOffset)), 1);
      store<i8>(dst + n3, ssat8(smmla(b3, odd, oddOffset)), 1);
    }
    params += paramBytes;
  }
}

/** Every pair of channels is high32: without the calls of the other form the compiler has registers for the sums. */
export function tile_i8(x: usize, weights: usize, params: usize, dst: usize, words: i32, n: i32): void {
  tile(x, weights, params, dst, words, n, 24, false);
}

/** Pairs of channels that were not proved take exact64. */
export function tile_i8_mixed(x: usize, weights: usize, params: usize, dst: usize, words: i32, n: i32): void {
  tile(x, weights, params, dst, words, n, 40, true);
}
