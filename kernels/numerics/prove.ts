/**
 * Proofs that a cheaper requantization gives TensorFlow Lite's codes on every reachable sum of a channel.
 * The exact form is a monotone step function of the sum with at most 255 thresholds; a form that is monotone by
 * construction equals it everywhere when both agree on both sides of every threshold and at both ends.
 */
import { type Multiplier, multiplyByQuantizedMultiplier } from "./requantize.ts";

/** One output channel: `code = clamp(requantize(sum) + zeroPoint, lo, hi)`, `sum` in [sumLo, sumHi], bias included. */
export interface RequantizeChannel extends Multiplier {
  readonly zeroPoint: number;
  readonly lo: number;
  readonly hi: number;
  readonly sumLo: number;
  readonly sumHi: number;
}

/** The exact code of a sum. */
export const exactCode = (c: RequantizeChannel, sum: number): number =>
  Math.min(Math.max(multiplyByQuantizedMultiplier(sum, c) + c.zeroPoint, c.lo), c.hi);

/**
 * Reachable sums of `bias + sum_i (x_i - zeroPoint) * w_i` with x_i any code in [xLo, xHi]; padding (a zero term) is
 * included. Throws nothing: a bound outside i32 is the caller's to refuse.
 */
export function reachableSums(
  weights: Iterable<number>,
  bias: number,
  zeroPoint: number,
  [xLo, xHi]: readonly [number, number] = [-128, 127],
): readonly [lo: number, hi: number] {
  let lo = bias;
  let hi = bias;
  for (const w of weights) {
    const a = (xLo - zeroPoint) * w;
    const b = (xHi - zeroPoint) * w;
    lo += Math.min(a, b, 0);
    hi += Math.max(a, b, 0);
  }
  return [lo, hi];
}

/** Smallest reachable sum of each code above the lowest reachable one, ascending. */
export function thresholds(c: RequantizeChannel): readonly number[] {
  const found: number[] = [];
  const [first, last] = [exactCode(c, c.sumLo), exactCode(c, c.sumHi)];
  let from = c.sumLo;
  for (let code = first + 1; code <= last; code++) {
    // Invariant: exactCode(low) < code <= exactCode(high).
    let [low, high] = [from, c.sumHi];
    if (exactCode(c, low) >= code) continue;
    while (high - low > 1) {
      const middle = low + Math.floor((high - low) / 2);
      if (exactCode(c, middle) >= code) high = middle;
      else low = middle;
    }
    found.push(high);
    from = low;
  }
  return found;
}

/** Whether `form`, monotone by construction, gives the exact code of every reachable sum. */
export function provedEqual(c: RequantizeChannel, form: (sum: number) => number): boolean {
  const agrees = (sum: number): boolean => form(sum) === exactCode(c, sum);
  return agrees(c.sumLo) && agrees(c.sumHi) && thresholds(c).every((t) => agrees(t - 1) && agrees(t));
}
