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

/** Offsets tried: each hits the interval with the probability that it has of a sum's width, about 1 in 200. */
const OFFSETS = 4000;
/** A share of a sum's width that OFFSETS surely hit. */
const WIDE_ENOUGH = 400;

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
  // The ends: the codes next to the reachable ones must not be reached either, unless a clamp hides them.
  const below = first > c.lo ? first * 2 ** 32 : Number.NEGATIVE_INFINITY;
  const above = last < c.hi ? (last + 1) * 2 ** 32 : Number.POSITIVE_INFINITY;
  const interval = (multiplier: number): Interval => {
    let low = below - c.sumLo * multiplier;
    let high = above - (c.sumHi + 1) * multiplier;
    for (let j = 0; j < sums.length; j++) {
      const bound = codes[j]! - sums[j]! * multiplier;
      if (bound > low) low = bound;
      if (bound < high) high = bound;
    }
    return { multiplier, low, high: high + multiplier };
  };
  const best = widest(interval, c.m * 2 ** (1 + c.shift), Math.max(-c.sumLo, c.sumHi));
  return best && split(c, best, fractionBits);
}

interface Interval {
  readonly multiplier: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The interval of the best multiplier. Its width is a concave function of the multiplier (a minimum less a maximum of
 * lines), so halving by the slope finds the top; away from the exact value by more than one sum over the whole range no
 * interval is left.
 */
function widest(interval: (multiplier: number) => Interval, exact: number, sumBound: number): Interval | undefined {
  const width = ({ low, high }: Interval): number => high - low;
  const nearest = interval(Math.round(exact));
  if (width(nearest) > nearest.multiplier / WIDE_ENOUGH) return nearest;
  const reach = Math.ceil((2 * exact) / sumBound) + 1;
  let low = Math.max(1, Math.floor(exact) - reach);
  let high = Math.min(2 ** 31 - 1, Math.ceil(exact) + reach);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (width(interval(middle)) < width(interval(middle + 1))) low = middle + 1;
    else high = middle;
  }
  const best = interval(low);
  return width(best) > 0 ? best : undefined;
}

/**
 * r in [low, high) as start * multiplier + offset * 2^(32 - f). The search begins where the form's own sums lie around
 * 0, so that a large bias of a channel with a small multiplier fits too.
 */
function split(
  { sumLo, sumHi }: RequantizeChannel,
  { multiplier, low, high }: { readonly multiplier: number; readonly low: number; readonly high: number },
  fractionBits: 0 | 8,
): High32 | undefined {
  const unit = 2 ** (32 - fractionBits);
  const limit = 2 ** (31 - fractionBits);
  const middle = Math.round((low + ((sumLo + sumHi) / 2) * multiplier) / unit);
  for (let i = 0; i < OFFSETS; i++) {
    const offset = middle + (i & 1 ? (i + 1) >> 1 : -(i >> 1));
    const start = Math.ceil((low - offset * unit) / multiplier);
    // The quotient is rounded; the interval decides.
    const r = start * multiplier + offset * unit;
    if (r < low || r >= high) continue;
    if (sumLo + start >= -limit && sumHi + start < limit && Math.abs(offset) < 2 ** 30)
      return { start, multiplier, offset };
  }
  return undefined;
}
