/**
 * The two tests of one histogram: each window alone against the fixed reference (PSI with an exact limit), and all
 * windows together (e-detector). The first sees a sudden or a very slow large drift, the second a small lasting one.
 */
import { sum } from "./dirichlet.ts";
import { EDetector } from "./e-detector.ts";
import { jensenShannon } from "./jensen-shannon.ts";
import { psi, psiThreshold } from "./psi.ts";

export const DRIFT_TESTS = ["psi", "e-detector"] as const;
export type DriftTest = (typeof DRIFT_TESTS)[number];

/** Bins beyond this many are pooled for the tests, the rarest first: the exact null costs time in bins * n². */
const MAX_TEST_BINS = 24;
/** Windows of more samples are scaled down to this many for the exact null, which costs n²; that only lowers false alarms, and the e-detector takes all. */
const MAX_TEST_SAMPLES = 256;
/** Windows of which a report shows the course. */
const HISTORY = 512;

export interface RowBudget {
  /** Probability of a false alarm by the window test, for one inference. */
  readonly falseAlarmPerInference: number;
  /** Mean windows to a false alarm of the e-detector. */
  readonly runLengthWindows: number;
  /** Inferences that count as one independent sample. */
  readonly independentEvery: number;
}

export interface RowAlarm {
  readonly test: DriftTest;
  readonly statistic: number;
  readonly threshold: number;
}

export class RowMonitor {
  readonly reference: readonly number[];
  readonly counts: number[];
  latest: number[];
  /** PSI of each of the last windows, and ln of the e-detector after it. */
  readonly psi: number[] = [];
  readonly logE: number[] = [];
  /** Limit of the last window's PSI. */
  psiThreshold = Number.POSITIVE_INFINITY;
  jensenShannon = 0;
  readonly #detector: EDetector;
  readonly #testBin: readonly number[];
  readonly #testReference: readonly number[];
  readonly #budget: RowBudget;

  constructor(reference: readonly number[], budget: RowBudget) {
    this.reference = reference;
    this.counts = reference.map(() => 0);
    this.latest = reference.map(() => 0);
    this.#budget = budget;
    this.#testBin = poolRare(reference);
    this.#testReference = this.#pool(reference);
    this.#detector = new EDetector(this.#testReference, budget.runLengthWindows);
  }

  get logThreshold(): number {
    return this.#detector.logThreshold;
  }

  /** Takes one window; `limits` keeps thresholds that rows with equal references share. */
  update(counts: readonly number[], limits: Map<string, number>): RowAlarm[] {
    const n = sum(counts);
    counts.forEach((c, b) => {
      this.counts[b]! += c;
    });
    this.latest = [...counts];
    const pooled = this.#pool(counts);
    const alarms: RowAlarm[] = [];
    const effective = Math.max(1, Math.min(MAX_TEST_SAMPLES, Math.floor(n / this.#budget.independentEvery)));
    const statistic = psi(
      this.#testReference,
      pooled.map((c) => (c * effective) / n),
    );
    this.psiThreshold = this.#limit(effective, n * this.#budget.falseAlarmPerInference, limits);
    this.jensenShannon = jensenShannon(this.reference, counts);
    if (statistic >= this.psiThreshold) alarms.push({ test: "psi", statistic, threshold: this.psiThreshold });
    const fired = this.#detector.update(pooled.map((c) => c / this.#budget.independentEvery));
    remember(this.psi, statistic);
    remember(this.logE, this.#detector.logValue);
    if (fired) {
      alarms.push({ test: "e-detector", statistic: this.#detector.logValue, threshold: this.#detector.logThreshold });
      this.#detector.restart();
    }
    return alarms;
  }

  /** Counts over the bins of the tests; the reference is scaled to independent samples at once. */
  #pool(counts: readonly number[]): number[] {
    const out = new Array<number>(Math.max(...this.#testBin) + 1).fill(0);
    const scale = counts === this.reference ? 1 / this.#budget.independentEvery : 1;
    counts.forEach((c, b) => {
      out[this.#testBin[b]!]! += c * scale;
    });
    return out;
  }

  /** The limit depends on the reference counts in any order, so rows of quantile bins share most of theirs. */
  #limit(n: number, falseAlarm: number, limits: Map<string, number>): number {
    const reference = [...this.#testReference].sort((a, b) => a - b);
    const key = `${reference.join(",")}/${n}/${falseAlarm}`;
    const known = limits.get(key);
    if (known !== undefined) return known;
    const limit = psiThreshold(reference, n, falseAlarm);
    limits.set(key, limit);
    return limit;
  }
}

/** The test bin of each bin: its own, but for the rarest ones beyond MAX_TEST_BINS, which share one. */
function poolRare(reference: readonly number[]): number[] {
  if (reference.length <= MAX_TEST_BINS) return reference.map((_, b) => b);
  const order = reference.map((_, b) => b).sort((a, b) => reference[b]! - reference[a]! || a - b);
  const place = new Array<number>(reference.length).fill(MAX_TEST_BINS - 1);
  order.slice(0, MAX_TEST_BINS - 1).forEach((b, i) => {
    place[b] = i;
  });
  return place;
}

function remember(history: number[], value: number): void {
  history.push(value);
  if (history.length > HISTORY) history.shift();
}
