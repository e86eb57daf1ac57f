/**
 * Population stability index (Lewis, "An Introduction to Credit Scoring", 1994): a symmetrized Kullback-Leibler divergence of two histograms,
 *
 *     PSI = Σ_b (q_b - p_b) ln(q_b / p_b),   p_b = (r_b + 1/2) / (m + B/2),  q_b = (c_b + 1/2) / (n + B/2)
 *
 * People read 0.1 as "some" and 0.25 as "much" shift. As a test such fixed limits are worthless: without any drift
 * PSI is about (1/n + 1/m) χ²(B-1) (Yurdakul & Naranjo 2020), so at n = 64 and B = 10 it exceeds 0.1 in 70 % of all
 * windows. `psiThreshold` is the limit that a window exceeds with a stated probability, exactly (null-distribution.ts).
 *
 * Worked example: r = [50, 50], c = [5, 15] → p = [.5, .5], q = [5.5/21, 15.5/21], PSI = 0.2467.
 */
import { posterior, sum } from "./dirichlet.ts";
import { exactThreshold } from "./null-distribution.ts";

const HALF = 0.5;

export function psi(reference: ArrayLike<number>, counts: ArrayLike<number>): number {
  const score = psiScore(reference, sum(counts));
  let total = 0;
  for (let b = 0; b < reference.length; b++) total += score(b, counts[b]!);
  return total;
}

/** The PSI that a drift-free window of n samples reaches with probability at most `falseAlarm`. */
export function psiThreshold(reference: ArrayLike<number>, n: number, falseAlarm: number): number {
  return exactThreshold({ alpha: posterior(reference), n, score: psiScore(reference, n) }, falseAlarm);
}

/** The term of one bin, as a function of its count in a window of n samples. */
function psiScore(reference: ArrayLike<number>, n: number): (bin: number, count: number) => number {
  const bins = reference.length;
  const m = sum(reference);
  return (bin, count) => {
    const p = (reference[bin]! + HALF) / (m + bins * HALF);
    const q = (count + HALF) / (n + bins * HALF);
    return (q - p) * Math.log(q / p);
  };
}
