/**
 * Tiles of the scalar family: one or two rows of activations by four output channels a turn, and the requantization of
 * sums. weights: [n / 4][depth][4 channels], depth a multiple of 4, padded with zeros like the activations. params: i32
 * a channel, packed by pack-scalar.ts, 4-aligned; form 0 is the proved one, 1 exact64. dst: i8 [n], no overlap.
 */
import { requantize } from "../numerics/requantize.as";
import { mla, sat8, smlal } from "./isa";

/** Form exact64 of one sum. */
export function code_exact(sum: i32, param: usize, zeroPoint: i32): i32 {
  return sat8(requantize(sum, load<i32>(param, 4), load<i32>(param, 8)) + zeroPoint);
}

/** Form high32, or exact64; param: 4 words. */
// @ts-ignore: decorator
@inline
export function code_long(sum: i32, param: usize, exact: i32, zeroPoint: i32): i32 {
  if (exact) return code_exact(sum, param, zeroPoint);
  const high = (((sum as i64) * (load<i32>(param, 4) as i64)) >> 32) as i32;
  return sat8(high + load<i32>(param, 8));
}

/** Form split32, or exact64; param: 5 words. */
// @ts-ignore: decorator
@inline
export function code_short(sum: i32, param: usize, exact: i32, zeroPoint: i32, lowBits: i32): i32 {
  if (exact) return code_exact(sum, param, zeroPoint);
  return sat8((sum * load<i32>(param, 4) + ((sum * load<i32>(param, 8)) >> lowBits) + load<i32>(param, 12)) >> load<i32>(param, 16));
}

/**
 * Two pixels, long multiply: x i32 [depth], each (a + 128) + b * 2^24 of codes a and b, so that one product carries
 * both. Exact while the even sum stays within 24 bits, which the lowering proves.
 */
export function tile_pairs(
  x: usize, weights: usize, params: usize, even: usize, odd: usize, depth: i32, n: i32, exact: i32, zeroPoint: i32,
): void {
  const end = x + (depth << 2);
  for (let left = n; left > 0; left -= 4) {
    let t0: i64 = 1 << 23;
    let t1 = t0, t2 = t0, t3 = t0;
    for (let p = x; p < end; p += 16) {
      let xx = load<i32>(p);
      t0 = smlal(t0, xx, load<i8>(weights, 0));
      t1 = smlal(t1, xx, load<i8>(weights, 1));
      t2 = smlal(t2, xx, load<i8>(weights, 2));
      t3 = smlal(t3, xx, load<i8>(weights, 3));
      xx = load<i32>(p, 4);
      t0 = smlal(t0, xx, load<i8>(weights, 4));
      t1 = smlal(t1, xx, load<i8>(weights, 5));
      t2 = smlal(t2, xx, load<i8>(weights, 6));
      t3 = smlal(t3, xx, load<i8>(weights, 7));
      xx = load<i32>(p, 8);
      t0 = smlal(t0, xx, load<i8>(weights, 8));
      t1 = smlal(t1, xx, load<i8>(weights, 9));
      t2 = smlal(t2, xx, load<i8>(weights, 10));
      t3 = smlal(t3, xx, load<i8>(weights, 11));
      xx = load<i32>(p, 12);
      t0 = smlal(t0, xx, load<i8>(weights, 12));
      t1 = smlal(t1, xx, load<i8>(weights, 13));
      t2 = smlal(t2, xx, load<i8>(weights, 14));
      t3 = smlal(t3, xx, load<i8>(weights, 15));
      weights += 16;
    }
    finish_pair(t0, params, even, odd, exact, zeroPoint);
    if (left > 1) finish_pair(t1, params + 16, even + 1, odd + 1, exact, zeroPoint);
    if (left > 2) finish_pair(t2, params + 32, even + 2, odd + 2, exact, zeroPoint);
    if (left > 3) finish_pair(t3, params + 48, even + 3, odd + 3, exact, zeroPoint);
    params += 64;
    even += 4;
    odd += 4;
  }
}

// @ts-ignore: decorator
@inline
function finish_pair(t: i64, param: usize, even: usize, odd: usize, exact: i32, zeroPoint: i32): void {
  store<i8>(even, code_long(((t as i32) & 0xffffff) + load<i32>(param, 12), param, exact, zeroPoint));
  store<i8>(odd, code_long(((t >> 24) as i32) + load<i32>(param), param, exact, zeroPoint));
}

/** One row of i8 codes, long multiply for the requantization only: x i8 [k], depth = k rounded up to 4. */
export function row_long(
  x: usize, weights: usize, params: usize, dst: usize, k: i32, n: i32, exact: i32, zeroPoint: i32,
): void {
  const end = x + (k & ~3);
  const last = x + k;
  const skipped = (-k & 3) << 2;
  for (let left = n; left > 0; left -= 4) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    let p = x;
    for (; p < end; p += 4) {
      let v = load<i8>(p) as i32;
      a0 = mla(a0, v, load<i8>(weights, 0));
      a1 = mla(a1, v, load<i8>(weights, 1));
      a2 = mla(a2, v, load<i8>(weights, 2));
      a3 = mla(a3, v, load<i8>(weights, 3));
      v = load<i8>(p, 1) as i32;
      a0 = mla(a0, v, load<i8>(weights, 4));
      a1 = mla(a1, v, load<i8>(weights, 5));
      a2 = mla(a2, v, load<i8>(weights, 6));
      a3 = mla(a3, v, load<i8>(weights, 7));
      v = load<i8>(p, 2) as i32;
      a0 = mla(a0, v, load<i8>(weights, 8));
      a1 = mla(a1, v, load<i8>(weights, 9));
      a2 = mla(a2, v, load<i8>(weights, 10));
      a3 = mla(a3, v, load<i8>(weights, 11));
      v = load<i8>(p, 3) as i32;
      a0 = mla(a0, v, load<i8>(weights, 12));
      a1 = mla(a1, v, load<i8>(weights, 13));
      a2 = mla(a2, v, load<i8>(weights, 14));
      a3 = mla(a3, v, load<i8>(weights, 15));
      weights += 16;
    }
    for (; p < last; p++) {
      const v = load<i8>(p) as i32;
      a0 = mla(a0, v, load<i8>(weights, 0));
      a1 = mla(a1, v, load<i8>(weights, 1));
      a2 = mla(a2, v, load<i8>(weights, 2));
      a3 = mla(a3, v, load<i8>(weights, 3));
      weights += 4;
    }
    weights += skipped;
    store<i8>(dst, code_long(a0 + load<i32>(params), params, exact, zeroPoint));
    if (left > 1) store<i8>(dst, code_long(a1 + load<i32>(params, 16), params + 16, exact, zeroPoint), 1);
    if (left > 2) store<i8>(dst, code_long(a2 + load<i32>(params, 32), params + 32, exact, zeroPoint), 2);
    if (left > 3) store<i8>(dst, code_long(a3 + load<i32>(params, 48), params + 48, exact, zeroPoint), 3);
    params += 64;
    dst += 4;
  }
}

/**
 * One pixel, no long multiply: x u8 [depth], codes + 128; weights u8, + 128 as well, since unsigned loads take an
 * immediate offset on ARMv6-M. `correction`: -128 times the sum of x, what the 128 of the weights added.
 */
export function tile_u8(
  x: usize, weights: usize, params: usize, dst: usize, depth: i32, n: i32, correction: i32, exact: i32, zeroPoint: i32, lowBits: i32,
): void {
  const end = x + depth;
  for (let left = n; left > 0; left -= 4) {
    let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (let p = x; p < end; p += 4) {
      let v = load<u8>(p) as i32;
      a0 = mla(a0, v, load<u8>(weights, 0));
      a1 = mla(a1, v, load<u8>(weights, 1));
      a2 = mla(a2, v, load<u8>(weights, 2));
      a3 = mla(a3, v, load<u8>(weights, 3));
      v = load<u8>(p, 1) as i32;
      a0 = mla(a0, v, load<u8>(weights, 4));
      a1 = mla(a1, v, load<u8>(weights, 5));
      a2 = mla(a2, v, load<u8>(weights, 6));
      a3 = mla(a3, v, load<u8>(weights, 7));
      v = load<u8>(p, 2) as i32;
      a0 = mla(a0, v, load<u8>(weights, 8));
      a1 = mla(a1, v, load<u8>(weights, 9));
      a2 = mla(a2, v, load<u8>(weights, 10));
      a3 = mla(a3, v, load<u8>(weights, 11));
      v = load<u8>(p, 3) as i32;
      a0 = mla(a0, v, load<u8>(weights, 12));
      a1 = mla(a1, v, load<u8>(weights, 13));
      a2 = mla(a2, v, load<u8>(weights, 14));
      a3 = mla(a3, v, load<u8>(weights, 15));
      weights += 16;
    }
    store<i8>(dst, code_short(a0 + load<i32>(params) + correction, params, exact, zeroPoint, lowBits));
    if (left > 1) store<i8>(dst, code_short(a1 + load<i32>(params, 20) + correction, params + 20, exact, zeroPoint, lowBits), 1);
    if (left > 2) store<i8>(dst, code_short(a2 + load<i32>(params, 40) + correction, params + 40, exact, zeroPoint, lowBits), 2);
    if (left > 3) store<i8>(dst, code_short(a3 + load<i32>(params, 60) + correction, params + 60, exact, zeroPoint, lowBits), 3);
    params += 80;
    dst += 4;
  }
}

/** Clamps codes to a fused activation's bounds, where they are not the ones of int8. */
export function clamp_codes(at: usize, bytes: i32, lo: i32, hi: i32): void {
  if (lo <= -128 && hi >= 127) return;
  for (const end = at + bytes; at < end; at++) store<i8>(at, min(max(load<i8>(at) as i32, lo), hi));
}
