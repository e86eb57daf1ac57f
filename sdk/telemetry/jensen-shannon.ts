/**
 * Jensen-Shannon divergence in bits (Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory
 * 37, 1991): 0 for equal histograms, 1 for disjoint ones, defined for empty bins without smoothing,
 *
 *     JS = Σ_b ½ p_b log2(p_b / m_b) + ½ q_b log2(q_b / m_b),   m_b = (p_b + q_b) / 2
 *
 * Its term of each bin is >= 0 (log-sum inequality), so its exact null comes from null-distribution.ts like PSI's.
 *
 * Worked example: r = [1, 1], c = [0, 2] → 3/4 log2(4/3) = 0.3113.
 */
import { posterior, sum } from "./dirichlet.ts";
import { exactThreshold } from "./null-distribution.ts";

export function jensenShannon(reference: ArrayLike<number>, counts: ArrayLike<number>): number {
  const score = jensenShannonScore(reference, sum(counts));
  let total = 0;
  for (let b = 0; b < reference.length; b++) total += score(b, counts[b]!);
  return total;
}

/** The divergence that a drift-free window of n samples reaches with probability at most `falseAlarm`. */
export function jensenShannonThreshold(reference: ArrayLike<number>, n: number, falseAlarm: number): number {
  return exactThreshold({ alpha: posterior(reference), n, score: jensenShannonScore(reference, n) }, falseAlarm);
}

function jensenShannonScore(reference: ArrayLike<number>, n: number): (bin: number, count: number) => number {
  const m = sum(reference);
  return (bin, count) => {
    const p = m === 0 ? 0 : reference[bin]! / m;
    const q = n === 0 ? 0 : count / n;
    const middle = (p + q) / 2;
    const half = (x: number) => (x === 0 ? 0 : (x / 2) * Math.log2(x / middle));
    return Math.max(0, half(p) + half(q));
  };
}
