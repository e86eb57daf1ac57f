/** Seeded draws for calibration: one Philox stream, read in order. Host only. */
import { RandomStream } from "../data/random-stream.ts";

const STREAM = [0x74656c65 /* "tele" */, 0] as const;

export class Random extends RandomStream {
  constructor(seed: number) {
    super(seed, STREAM);
  }

  /** Gamma(shape, 1) (Marsaglia & Tsang, ACM TOMS 26, 2000). */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * this.uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  dirichlet(alpha: ArrayLike<number>): number[] {
    const draws = Array.from(alpha, (a) => this.gamma(a));
    const total = draws.reduce((s, g) => s + g, 0);
    return draws.map((g) => g / total);
  }

  /** Counts of n draws from the probabilities p. */
  multinomial(p: readonly number[], n: number): number[] {
    const counts = new Array<number>(p.length).fill(0);
    for (let i = 0; i < n; i++) counts[this.categorical(p)]!++;
    return counts;
  }

  categorical(p: readonly number[]): number {
    let rest = this.uniform();
    for (let b = 0; b < p.length - 1; b++) {
      rest -= p[b]!;
      if (rest < 0) return b;
    }
    return p.length - 1;
  }

  /** A permutation of 0..n-1 (Fisher & Yates). */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
