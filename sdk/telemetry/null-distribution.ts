/**
 * Exact null distribution of a statistic that is a sum over bins, T = Σ_b f_b(c_b), for Dirichlet-multinomial counts.
 *
 * chi-square approximations fail for the windows that devices send (n = 50 over 8 bins, tails of 1e-5), and sampling
 * such tails takes millions of draws; this takes milliseconds and no seed. Counts conditioned on their sum n are
 * independent negative binomials, so the joint law is a convolution over bins on the state (samples used, T):
 *
 *     P(T = t | n) = [ ⊛_b NB(c_b; a_b, θ) 1{T += f_b(c_b)} ](n, t) / NB(n; Σ a_b, θ),   θ = n / (n + Σ a_b)
 *
 * T lives on a grid of cells. Every f_b is rounded up, so a threshold errs to the safe side, by at most B cells.
 */
import { sum } from "./dirichlet.ts";
import { logGamma } from "./log-gamma.ts";

const CELLS = 512;
/** Terms below this share of the wanted probability are dropped; at most bins * n² / 2 of them, 1e6. */
const NEGLIGIBLE = 1e-11;
const MAX_WIDENINGS = 8;

export type BinScore = (bin: number, count: number) => number;

export interface NullQuery {
  /** Dirichlet parameters of the bins. */
  readonly alpha: ArrayLike<number>;
  /** Samples in the window. */
  readonly n: number;
  /** f_b(c) >= 0. */
  readonly score: BinScore;
}

/** Smallest t on the grid with P(T >= t) <= falseAlarm; above every T where no count vector is that rare. */
export function exactThreshold(query: NullQuery, falseAlarm: number): number {
  const bins = query.alpha.length;
  // Upper bound of a chi-square quantile (Laurent & Massart 2000, lemma 1) times the scale of PSI, as a first guess.
  const x = Math.log(1 / falseAlarm);
  let span = 1.5 * (1 / query.n + 1 / sum(query.alpha)) * (bins - 1 + 2 * Math.sqrt((bins - 1) * x) + 2 * x);
  for (let i = 0; i < MAX_WIDENINGS; i++, span *= 1.6) {
    const mass = exactMass(query, span, falseAlarm * NEGLIGIBLE);
    let tail = mass[CELLS - 1]!;
    if (tail > falseAlarm) continue;
    let cell = CELLS - 1;
    for (; cell > 0 && tail + mass[cell - 1]! <= falseAlarm; cell--) tail += mass[cell - 1]!;
    return (cell / (CELLS - 1)) * span;
  }
  return Number.POSITIVE_INFINITY;
}

/** P(T = cell * span / (CELLS - 1)), T rounded up; the last cell holds all that is beyond. Terms below `negligible` are dropped. */
export function exactMass({ alpha, n, score }: NullQuery, span: number, negligible = 0): Float64Array {
  const total = sum(alpha);
  const theta = n / (n + total);
  const last = CELLS - 1;
  const cellOf = (bin: number, count: number) => Math.min(last, Math.ceil((score(bin, count) / span) * last - 1e-9));
  const norm = negativeBinomial(n, total, theta);
  let rows = new Float64Array((n + 1) * CELLS);
  rows[0] = 1;
  for (let bin = 0; bin < alpha.length; bin++) {
    const cells = Int32Array.from({ length: n + 1 }, (_, c) => cellOf(bin, c));
    const weights = Float64Array.from(cells, (_, c) => negativeBinomial(c, alpha[bin]!, theta));
    rows = convolve(rows, { weights, cells }, n, { last: bin === alpha.length - 1, negligible: negligible * norm });
  }
  return rows.subarray(n * CELLS).map((p) => p / norm);
}

interface Bin {
  /** By count: its probability, and the cells that its score moves T by. */
  readonly weights: Float64Array;
  readonly cells: Int32Array;
}

/** Adds one bin; the last one fills no row but that of all samples used. */
function convolve(
  rows: Float64Array,
  bin: Bin,
  n: number,
  options: { last: boolean; negligible: number },
): Float64Array<ArrayBuffer> {
  const { weights, cells } = bin;
  const out = new Float64Array(rows.length);
  const last = CELLS - 1;
  for (let used = 0; used <= n; used++) {
    const row = rows.subarray(used * CELLS, (used + 1) * CELLS);
    const rowMass = sum(row);
    if (rowMass <= options.negligible) continue;
    let low = 0;
    let high = last;
    while (row[low] === 0) low++;
    while (row[high] === 0) high--;
    for (let c = options.last ? n - used : 0; used + c <= n; c++) {
      const weight = weights[c]!;
      if (weight * rowMass <= options.negligible) continue;
      const to = (used + c) * CELLS;
      const shift = cells[c]!;
      const end = Math.min(high, last - shift - 1);
      for (let s = low; s <= end; s++) out[to + s + shift]! += row[s]! * weight;
      let beyond = 0;
      for (let s = Math.max(low, end + 1); s <= high; s++) beyond += row[s]!;
      out[to + last]! += beyond * weight;
    }
  }
  return out;
}

/** P(c) of a negative binomial with real size a: Γ(c+a) / (c! Γ(a)) (1-θ)^a θ^c. */
function negativeBinomial(c: number, a: number, theta: number): number {
  return Math.exp(logGamma(c + a) - logGamma(c + 1) - logGamma(a) + a * Math.log1p(-theta) + c * Math.log(theta));
}
