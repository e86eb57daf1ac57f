/**
 * Proofs that a cheaper requantization gives TensorFlow Lite's codes on every reachable sum of a channel.
 * The exact form is a monotone step function of the sum with at most 255 thresholds; a form that is monotone by
 * construction equals it everywhere when both agree on both sides of every threshold and at both ends.
 *
 * Thresholds come from the formula, in f64 without rounding (see ceilQuotient), since a model has some thousand
 * channels; `searchedThresholds` finds them by bisection of the BigInt oracle and is what tests compare with.
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
  let positive = 0;
  let negative = 0;
  for (const w of weights)
    if (w > 0) positive += w;
    else negative += w;
  const low = Math.min(xLo - zeroPoint, 0);
  const high = Math.max(xHi - zeroPoint, 0);
  return [bias + positive * low + negative * high, bias + positive * high + negative * low];
}

/** Whether a left shift may drop bits of a reachable sum: the exact form is then no step function. */
const wraps = ({ shift, sumLo, sumHi }: RequantizeChannel): boolean =>
  shift > 0 && Math.max(-sumLo, sumHi + 1) > 2 ** (31 - shift);

/** Smallest reachable sum of each code above the lowest reachable one, ascending; a sum recurs where codes are skipped. */
export function thresholds(c: RequantizeChannel): readonly number[] {
  if (c.m === 0) return [];
  if (wraps(c)) return searchedThresholds(c);
  const found: number[] = [];
  for (let code = c.lo + 1; code <= c.hi; code++) {
    const sum = smallestSum(c, code - c.zeroPoint);
    if (sum > c.sumHi) break;
    if (sum > c.sumLo) found.push(sum);
  }
  return found;
}

/** Smallest sum whose requantized value is at least `value`, a multiplier other than 0. */
export function smallestSum({ m, shift }: Multiplier, value: number): number {
  // value <= (sum * m * 2^shift + 2^30) >> 31
  if (shift >= 0) return ceilQuotient((2 * value - 1) * 2 ** (30 - shift), m);
  // value <= (sum * m + 2^(30 + s) + (sum < 0 ? -2^30 : 2^30)) >> (31 + s); a sum of 0 gives 0.
  const half = (2 * value - 1) * 2 ** -shift;
  if (value > 0) return ceilQuotient((half - 1) * 2 ** 30, m);
  return Math.min(0, ceilQuotient((half + 1) * 2 ** 30, m));
}

/**
 * ceil(n / m) exactly for integers, m below 2^31, n an f64 without rounding (here at most 42 significant bits).
 * The f64 quotient of a result below 2^33 is off by less than 2^-19, so only quotients next to an integer need the
 * product, which is summed in two parts of at most 49 bits.
 */
function ceilQuotient(n: number, m: number): number {
  const quotient = n / m;
  // Adding 0 takes the sign off a zero.
  const nearest = Math.round(quotient) + 0;
  if (Math.abs(quotient - nearest) > 2 ** -18 || Math.abs(quotient) > 2 ** 33) return Math.ceil(quotient) + 0;
  const low = m % 65536;
  return nearest * (m - low) - n + nearest * low >= 0 ? nearest : nearest + 1;
}

/** The same by bisection of the exact form. */
export function searchedThresholds(c: RequantizeChannel): readonly number[] {
  const found: number[] = [];
  const [first, last] = [exactCode(c, c.sumLo), exactCode(c, c.sumHi)];
  let from = c.sumLo;
  for (let code = first + 1; code <= last; code++) {
    // Invariant: exactCode(low) < code <= exactCode(high).
    let [low, high] = [from, c.sumHi];
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
