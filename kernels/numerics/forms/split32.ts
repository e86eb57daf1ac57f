/**
 * Form split32: `code = sat8((sum * high + ((sum * low) >> lowBits) + offset) >> shift)`, all in i32, for cores without
 * a long multiply (ARMv6-M): the multiplier high + low / 2^lowBits has more bits than one product would hold. `sum`
 * includes the bias. Zero point and rounding lie in offset.
 *
 * Monotone by construction (high, low >= 0). With f(sum) the form before offset and shift, each threshold t of code j
 * demands j * 2^shift - f(t) <= offset < j * 2^shift - f(t - 1): the intersection of these intervals is the proof.
 */
import { exactCode, type RequantizeChannel, thresholds } from "../prove.ts";

export interface Split32 {
  readonly high: number;
  readonly low: number;
  readonly offset: number;
  readonly shift: number;
}

/** Multipliers tried around the exact one. */
const MULTIPLIERS = 8;
const LIMIT = 2 ** 31;

const largest = ({ sumLo, sumHi }: RequantizeChannel): number => Math.max(-sumLo, sumHi, 1);

/** The most lowBits with which sum * low stays within i32, in every channel of a layer; 0 where sums are too large. */
export function lowBitsOf(channels: readonly RequantizeChannel[]): number {
  const most = Math.max(...channels.map(largest));
  return Math.max(0, Math.min(16, Math.floor(31 - Math.log2(most + 1))));
}

/** Parameters that were proved for every reachable sum, or undefined. */
export function proveSplit32(c: RequantizeChannel, lowBits: number): Split32 | undefined {
  const [first, last] = [exactCode(c, c.sumLo), exactCode(c, c.sumHi)];
  if (first === last) return { high: 0, low: 0, offset: first, shift: 0 };
  // A left shift may drop bits of a sum: no step function.
  if (c.shift > 0 || lowBits === 0) return undefined;
  const real = c.m * 2 ** (c.shift - 31);
  const shift = Math.floor(31 - Math.log2(largest(c) * real + 130));
  if (shift < 0 || shift > 30) return undefined;
  const steps = thresholds(c);
  const unit = 2 ** shift;
  const exact = Math.round(real * 2 ** (shift + lowBits));
  for (let i = 0; i < MULTIPLIERS; i++) {
    const multiplier = exact + (i & 1 ? (i + 1) >> 1 : -(i >> 1));
    if (multiplier < 1) continue;
    const low = multiplier % 2 ** lowBits;
    const high = (multiplier - low) / 2 ** lowBits;
    const f = (sum: number): number => sum * high + Math.floor((sum * low) / 2 ** lowBits);
    // Codes next to the reachable ones must not be reached either, unless a clamp hides them.
    let from = first > c.lo ? first * unit - f(c.sumLo) : -LIMIT;
    let to = last < c.hi ? (last + 1) * unit - f(c.sumHi) : LIMIT;
    steps.forEach((t, j) => {
      const code = (first + 1 + j) * unit;
      from = Math.max(from, code - f(t));
      to = Math.min(to, code - f(t - 1));
    });
    if (from >= to) continue;
    const offset = Math.floor((from + to - 1) / 2);
    const fits = (sum: number): boolean => {
      const parts = [sum * high, sum * low, f(sum), f(sum) + offset];
      return parts.every((v) => v >= -LIMIT && v < LIMIT);
    };
    if (fits(c.sumLo) && fits(c.sumHi) && offset >= -LIMIT && offset < LIMIT) return { high, low, offset, shift };
  }
  return undefined;
}
