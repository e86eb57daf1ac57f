/**
 * Form high32: `code = ssat8(((sum + start) * multiplier * 2^f + offset * 2^32) >> (32 + f))`, f = 0 or 8: one SMMLA
 * and one SSAT on a core that has them. Rounding, zero point and the fraction between two sums lie in start and
 * offset together: offset * 2^(32 - f) moves the thresholds by fractions of a sum, start by whole ones.
 *
 * Monotone by construction (multiplier >= 0). Each threshold t of code j demands of r = start * multiplier +
 * offset * 2^(32 - f)
 *
 *     j * 2^32 - t * multiplier  <=  r  <  j * 2^32 - (t - 1) * multiplier
 *
 * so the intersection of these intervals is the proof. All products stay below 2^53: t * multiplier is next to
 * (j - zeroPoint) * 2^32.
 */
import { exactCode, type RequantizeChannel, smallestSum } from "../prove.ts";

export interface High32 {
  readonly start: number;
  readonly multiplier: number;
  readonly offset: number;
}

/** Multipliers tried around the exact one, which is rarely an integer. */
const MULTIPLIERS = 6;
/** Offsets tried: each hits the interval with the probability that it has of a sum's width, about 1 in 200. */
const OFFSETS = 2000;

/**
 * Parameters that were proved, or undefined. `fractionBits` is f. The form's own sums, `sum + start`, stay within
 * [-2^(31 - f), 2^(31 - f)). Codes below `lo` and above `hi` are the caller's to clamp where they are not -128 and 127.
 */
export function proveHigh32(c: RequantizeChannel, fractionBits: 0 | 8): High32 | undefined {
  const first = c.m === 0 ? c.zeroPoint : exactCode(c, c.sumLo);
  const last = c.m === 0 ? c.zeroPoint : exactCode(c, c.sumHi);
  if (first === last)
    return { start: 0, multiplier: 0, offset: Math.min(Math.max(first, c.lo), c.hi) * 2 ** fractionBits };
  // From s = 1 on the multiplier fits 31 bits.
  if (c.shift > -1) return undefined;
  const codes: number[] = [];
  const sums: number[] = [];
  for (let code = first + 1; code <= last; code++) {
    codes.push(code * 2 ** 32);
    sums.push(smallestSum(c, code - c.zeroPoint));
  }
  const exact = c.m * 2 ** (1 + c.shift);
  let best: { multiplier: number; low: number; high: number } | undefined;
  for (let i = 0; i < MULTIPLIERS; i++) {
    const multiplier = Math.round(exact) + (i & 1 ? (i + 1) >> 1 : -(i >> 1));
    if (multiplier < 1 || multiplier >= 2 ** 31) continue;
    // The ends: the codes next to the reachable ones must not be reached either, unless a clamp hides them.
    let low = first > c.lo ? first * 2 ** 32 - c.sumLo * multiplier : Number.NEGATIVE_INFINITY;
    let high = last < c.hi ? (last + 1) * 2 ** 32 - (c.sumHi + 1) * multiplier : Number.POSITIVE_INFINITY;
    for (let j = 0; j < sums.length; j++) {
      const bound = codes[j]! - sums[j]! * multiplier;
      if (bound > low) low = bound;
      if (bound < high) high = bound;
    }
    high += multiplier;
    if (high > low && (!best || (high - low) / multiplier > (best.high - best.low) / best.multiplier))
      best = { multiplier, low, high };
  }
  return best && split(c, best, fractionBits);
}

/** r in [low, high) as start * multiplier + offset * 2^(32 - f). */
function split(
  { sumLo, sumHi, zeroPoint }: RequantizeChannel,
  { multiplier, low, high }: { readonly multiplier: number; readonly low: number; readonly high: number },
  fractionBits: 0 | 8,
): High32 | undefined {
  const unit = 2 ** (32 - fractionBits);
  const limit = 2 ** (31 - fractionBits);
  const middle = zeroPoint * 2 ** fractionBits;
  for (let i = 0; i < OFFSETS; i++) {
    const offset = middle + (i & 1 ? (i + 1) >> 1 : -(i >> 1));
    const start = Math.ceil((low - offset * unit) / multiplier);
    // The quotient is rounded; the interval decides.
    const r = start * multiplier + offset * unit;
    if (r < low || r >= high) continue;
    if (sumLo + start >= -limit && sumHi + start < limit) return { start, multiplier, offset };
  }
  return undefined;
}
