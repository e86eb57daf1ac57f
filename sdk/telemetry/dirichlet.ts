/**
 * What a reference of m samples says about the bin probabilities p, and about the counts of the next n samples.
 *
 * p | reference ~ Dirichlet(r_b + 1/B), so the next n counts are Dirichlet-multinomial: a multinomial with its
 * variance widened from p(1-p)/n to about p(1-p)(1/n + 1/m). This is the finite-reference correction: with m = 300
 * and n = 50 a plain multinomial null is 17 % too narrow.
 *
 * Where the bins are quantiles of that reference it is no approximation. The B - 1 edges are order statistics, so for
 * any continuous feature p is exactly Dirichlet(r) but for one end spacing more (uniform spacings; Wilks,
 * "Mathematical Statistics" 1962, ch. 8): total m + 1. The pseudo-count of one, spread over the bins, is that spacing.
 * Fixed bins (confidence, classes) get it as Perks' prior (1947).
 */
import { logRising } from "./log-gamma.ts";

const PSEUDO_COUNT = 1;

/** Dirichlet parameters after a reference with these counts. */
export const posterior = (reference: ArrayLike<number>): Float64Array =>
  Float64Array.from(reference, (count) => count + PSEUDO_COUNT / reference.length);

export const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};

/**
 * ln P(counts) under the Dirichlet-multinomial with parameters alpha (Johnson, Kotz, Balakrishnan 1997, ch. 35),
 * without the multinomial coefficient, which cancels in every ratio that is formed here.
 */
export function logDirichletMultinomial(counts: ArrayLike<number>, alpha: ArrayLike<number>): number {
  let log = -logRising(sum(alpha), sum(counts));
  for (let b = 0; b < counts.length; b++) log += logRising(alpha[b]!, counts[b]!);
  return log;
}
