/**
 * Integer CUSUM on bins (Page, "Continuous inspection schemes", Biometrika 41, 1954), cheap enough for any device:
 *
 *     S_t = max(0, S_{t-1} + s[bin_t]),   s_b = round(8 ln(q_b / p_b)),   alarm when S_t >= h
 *
 * S walks on {0 .. h-1}, so the mean run length from 0 is exact: t = (I - Q)^-1 1 of its Markov chain (Brook & Evans,
 * Biometrika 59, 1972). Numeric trap: at the h that matter I - Q is nearly singular and an ordinary solver answers with
 * a negative run length. `runLength` eliminates states in the manner of Grassmann, Taksar and Heyman (1985): the
 * diagonal is formed as the sum of the ways out of a state, so nothing is ever subtracted and nothing cancels.
 *
 * The chain needs p; from m reference samples p is only known so well, and h from r / m misses its target in half of all
 * cases. `cusumThreshold` takes the 95 % quantile of h over draws from the posterior. Ask for m >= 2000 all the same.
 * Samples must be independent (one per non-overlapping window): correlation of 0.6 shortens run lengths 40-fold.
 *
 * Worked example: p = [1/2, 1/2], s = [-1, 1], h = 2: run length 6.
 */
import { PithError } from "../error.ts";
import { posterior } from "./dirichlet.ts";
import { Random } from "./random.ts";

/** Score units a nat. */
const SCALE = 8;
const DRAWS = 20;
const COVERAGE = 0.95;
const MAX_THRESHOLD = 400;
/** A run length beyond this is as good as never, and where doubles of (I - Q) end. */
const NEVER = 1e13;

/** Integer scores for a change from p to q. */
export const cusumScores = (p: readonly number[], q: readonly number[]): number[] =>
  p.map((pb, b) => Math.round(SCALE * Math.log(q[b]! / pb)));

/** Exact mean number of samples from S = 0 to S >= h, samples drawn from p. */
export function runLength(scores: readonly number[], p: readonly number[], h: number): number {
  const step = Array.from({ length: h }, (_, from) => {
    const row = new Float64Array(h + 1); // the last column is the alarm
    scores.forEach((s, b) => {
      row[Math.min(h, Math.max(0, from + s))]! += p[b]!;
    });
    return row;
  });
  const time = new Float64Array(h).fill(1);
  for (let k = h - 1; k >= 0; k--) {
    const row = step[k]!;
    let leave = row[h]!;
    for (let j = 0; j < k; j++) leave += row[j]!;
    if (leave === 0) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < k; i++) {
      const share = step[i]![k]! / leave;
      if (share === 0) continue;
      time[i]! += share * time[k]!;
      for (let j = 0; j < k; j++) step[i]![j]! += share * row[j]!;
      step[i]![h]! += share * row[h]!;
    }
    if (k === 0) return Math.min(time[0]! / leave, Number.POSITIVE_INFINITY);
  }
  return 1;
}

/** Smallest h whose run length is at least `target` samples, for known p. */
export function thresholdFor(scores: readonly number[], p: readonly number[], target: number): number {
  let [low, high] = [0, 8];
  while (runLength(scores, p, high) < Math.min(target, NEVER)) {
    if (high > MAX_THRESHOLD)
      throw new PithError(
        "data",
        `cusum: no threshold up to ${MAX_THRESHOLD} gives a run length of ${target}, expected scores with a negative mean (use a larger design shift)`,
      );
    [low, high] = [high, high * 2];
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (runLength(scores, p, middle) >= Math.min(target, NEVER)) high = middle;
    else low = middle;
  }
  return high;
}

/** h that reaches `target` for 95 % of the p that a reference with these counts leaves possible. */
export function cusumThreshold(
  reference: readonly number[],
  scores: readonly number[],
  target: number,
  seed = 0,
): number {
  const random = new Random(seed);
  const alpha = posterior(reference);
  const draws = Array.from({ length: DRAWS }, () => thresholdFor(scores, random.dirichlet(alpha), target));
  return draws.sort((a, b) => a - b)[Math.ceil(COVERAGE * DRAWS) - 1]!;
}

export class IntegerCusum {
  readonly #scores: readonly number[];
  readonly #threshold: number;
  value = 0;

  constructor(scores: readonly number[], threshold: number) {
    this.#scores = scores;
    this.#threshold = threshold;
  }

  /** Takes the bin of one sample; true when it alarms, after which it starts again at 0. */
  update(bin: number): boolean {
    this.value = Math.max(0, this.value + this.#scores[bin]!);
    if (this.value < this.#threshold) return false;
    this.value = 0;
    return true;
  }
}
