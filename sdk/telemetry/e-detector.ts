/**
 * An e-detector: a sum of e-values over all times a change may have happened (Shin, Ramdas, Rinaldo, "E-detectors: a
 * nonparametric framework for sequential change detection", NEJSDS 2023; the sum is Shiryaev's and Roberts').
 *
 *     e_t = Q_t(c_t) / M_t(c_t),   R_t = e_t (1 + R_{t-1}),   alarm when R_t >= A
 *
 * M_t is the law of window t if nothing changed, given the reference and all windows so far: Dirichlet-multinomial
 * with parameters (reference posterior + Σ_{s<t} c_s). Because the posterior is in the denominator, E[e_t | past] = 1
 * holds for a reference of any size (dirichlet.ts says when exactly); p fixed at r / m would break it, and e-values
 * multiply, so the error would compound window by window. The price: a drift that takes as long as the history before
 * it is learned as normal. The window test against the fixed reference (psi.ts) stays for that.
 *
 * Q_t are drifts to look for, each with an R of its own, averaged:
 *   - static: Dirichlet-multinomial about p with concentration (B - 1) / PSI, i.e. a shift of that PSI in any direction;
 *   - adaptive: about an exponentially forgetting sum of the recent windows, for small shifts that stay.
 *
 * Guarantee: R_t - t is a martingale from 0, so P(alarm within T windows) <= T / A (Doob's maximal inequality) and the
 * mean run length is >= A. Memory is constant: B parameters, B recent counts, one log R an alternative. All in logs.
 *
 * Worked example (test/telemetry-drift-tests.test.ts): 8 equal bins, m = 2000, windows of 256, A = 1000; a shift of PSI 0.18 is
 * found after 2 windows, the first of them enough in most runs.
 */
import { logDirichletMultinomial, posterior, sum } from "./dirichlet.ts";

/** Sizes of shift that the static alternatives stand for, as PSI. */
const DESIGN_PSI = [1, 1 / 4, 1 / 16] as const;
/** The adaptive alternative: prior concentration as PSI, and how much of the past a window keeps (about ten windows). */
const ADAPTIVE_PSI = 1 / 16;
const RETAINED = 0.9;
const ALTERNATIVES = DESIGN_PSI.length + 1;

export class EDetector {
  /** ln A. */
  readonly logThreshold: number;
  readonly #start: Float64Array;
  #null: Float64Array;
  #recent: Float64Array;
  #logR: number[];

  /** `runLength`: A, mean windows to a false alarm at least. `reference`: counts by bin. */
  constructor(reference: ArrayLike<number>, runLength: number) {
    this.logThreshold = Math.log(runLength);
    this.#start = posterior(reference);
    this.#null = this.#start.slice();
    this.#recent = new Float64Array(reference.length);
    this.#logR = new Array<number>(ALTERNATIVES).fill(Number.NEGATIVE_INFINITY);
  }

  /** ln of the mean R; alarm where it is at least logThreshold. */
  get logValue(): number {
    const top = Math.max(...this.#logR);
    if (top === Number.NEGATIVE_INFINITY) return top;
    return top + Math.log(this.#logR.reduce((s, l) => s + Math.exp(l - top), 0) / ALTERNATIVES);
  }

  /** Takes the counts of one window (a real number a bin where samples are correlated); true when it alarms. */
  update(counts: ArrayLike<number>): boolean {
    const logNull = logDirichletMultinomial(counts, this.#null);
    this.#alternatives().forEach((alpha, i) => {
      const logE = logDirichletMultinomial(counts, alpha) - logNull;
      this.#logR[i] = logE + softplus(this.#logR[i]!);
    });
    for (let b = 0; b < counts.length; b++) {
      this.#null[b]! += counts[b]!;
      this.#recent[b] = RETAINED * this.#recent[b]! + counts[b]!;
    }
    return this.logValue >= this.logThreshold;
  }

  /** Forgets all windows: after an alarm, so that a drift that stays is reported again. */
  restart(): void {
    this.#null = this.#start.slice();
    this.#recent.fill(0);
    this.#logR.fill(Number.NEGATIVE_INFINITY);
  }

  #alternatives(): Float64Array[] {
    const total = sum(this.#null);
    const about = (size: number) =>
      this.#null.map((a) => (a / total) * Math.min((this.#null.length - 1) / size, total));
    const adaptive = about(ADAPTIVE_PSI).map((a, b) => a + this.#recent[b]!);
    return [...DESIGN_PSI.map(about), adaptive];
  }
}

/** ln(1 + e^x). */
const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));
