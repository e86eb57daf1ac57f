/** Each drift test by itself: figures that can be checked by hand, exact nulls against enumeration, false-alarm rates. */
import { describe, expect, test } from "vitest";
import { cusumScores, cusumThreshold, IntegerCusum, runLength, thresholdFor } from "../sdk/telemetry/cusum.ts";
import { logDirichletMultinomial, posterior } from "../sdk/telemetry/dirichlet.ts";
import { EDetector } from "../sdk/telemetry/e-detector.ts";
import { jensenShannon, jensenShannonThreshold } from "../sdk/telemetry/jensen-shannon.ts";
import { logGamma } from "../sdk/telemetry/log-gamma.ts";
import { exactMass } from "../sdk/telemetry/null-distribution.ts";
import { psi, psiThreshold } from "../sdk/telemetry/psi.ts";
import { Random } from "../sdk/telemetry/random.ts";
import { expectAtMost, SIMULATIONS } from "./telemetry-simulation.ts";

const uniform = (bins: number) => Array<number>(bins).fill(1 / bins);
/** 8 bins shifted from uniform by a PSI of 0.18. */
const SHIFTED = [0.2, 0.2, 0.15, 0.12, 0.1, 0.1, 0.08, 0.05];

/** All count vectors of n samples over `bins` bins. */
function* compositions(n: number, bins: number): Generator<number[]> {
  if (bins === 1) yield [n];
  else for (let c = 0; c <= n; c++) for (const rest of compositions(n - c, bins - 1)) yield [c, ...rest];
}

test("logGamma: factorials, Γ(1/2), and a value of mpmath", () => {
  let factorial = 0;
  for (let n = 1; n < 60; n++) {
    expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-12 * Math.max(1, factorial)); // rounding of about 10 operations
    factorial += Math.log(n);
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  expect(logGamma(1e-3)).toBeCloseTo(6.907178885383853, 12);
});

test("the Dirichlet-multinomial sums to one over all count vectors", () => {
  const alpha = posterior([3, 0, 5]);
  let total = 0;
  for (const c of compositions(9, 3)) {
    const coefficient = logGamma(10) - c.reduce((s, k) => s + logGamma(k + 1), 0);
    total += Math.exp(coefficient + logDirichletMultinomial(c, alpha));
  }
  expect(total).toBeCloseTo(1, 12);
});

describe("psi", () => {
  test("worked example", () =>
    expect(psi([50, 50], [5, 15])).toBeCloseTo(
      (2 * 5 * Math.log(15.5 / 10.5) + 2 * 5 * Math.log(10.5 / 5.5)) / 42,
      12,
    ));
  test("zero for equal shares, symmetric in direction", () => {
    expect(psi([10, 10], [500, 500])).toBe(0);
    expect(psi([10, 30], [300, 100])).toBeGreaterThan(0);
  });

  test("the exact null is that of enumeration, within the rounding of its grid", () => {
    const reference = [12, 7, 0, 5];
    const n = 12;
    const alpha = posterior(reference);
    for (const falseAlarm of [0.1, 0.01, 1e-4]) {
      const threshold = psiThreshold(reference, n, falseAlarm);
      let tail = 0;
      let tailBelow = 0;
      for (const c of compositions(n, 4)) {
        const p = Math.exp(
          logGamma(n + 1) - c.reduce((s, k) => s + logGamma(k + 1), 0) + logDirichletMultinomial(c, alpha),
        );
        const value = psi(reference, c);
        if (value >= threshold) tail += p;
        if (value >= threshold * 0.97) tailBelow += p; // 4 bins round up by at most 4 of 512 cells, of a span about 2 thresholds
      }
      expect(tail).toBeLessThanOrEqual(falseAlarm);
      expect(tailBelow).toBeGreaterThan(falseAlarm * 0.9);
    }
  });

  test("mass sums to one, at every size of window", () => {
    for (const n of [1, 50, 256]) {
      const mass = exactMass({ alpha: posterior([40, 40, 40, 40]), n, score: (_, c) => c / n }, 2);
      expect(mass.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    }
  });

  test("no count vector is rare enough: the limit is above all of them", () => {
    const threshold = psiThreshold([5, 5], 1, 1e-6);
    expect(psi([5, 5], [1, 0])).toBeLessThan(threshold);
  });

  test("fixed limits are no false-alarm rate: without drift 0.1 is exceeded in most windows of 64", () => {
    const random = new Random(1);
    const p = uniform(10);
    let over = 0;
    for (let i = 0; i < 1000; i++)
      if (
        psi(
          p.map(() => 1e6),
          random.multinomial(p, 64),
        ) > 0.1
      )
        over++;
    expect(over / 1000).toBeGreaterThan(0.55);
  });

  test.each<[string, readonly number[], number, number]>([
    ["uniform, m = 300, n = 50", uniform(8), 300, 50],
    ["uniform, m = 2000, n = 256", uniform(8), 2000, 256],
    [
      "16 uneven bins, m = 2000, n = 256",
      [0, 0, 0, 0, 0, 0, 0.001, 0.002, 0.003, 0.004, 0.01, 0.02, 0.03, 0.05, 0.1, 0.78],
      2000,
      256,
    ],
  ])("%s: false alarms over references and windows at the stated 1 percent", (_, p, m, n) => {
    const random = new Random(2);
    let alarms = 0;
    const references = n > 100 ? 25 * SIMULATIONS : 100 * SIMULATIONS;
    for (let r = 0; r < references; r++) {
      const reference = random.multinomial(p, m);
      if (psi(reference, random.multinomial(p, n)) >= psiThreshold(reference, n, 0.01)) alarms++;
    }
    expectAtMost(alarms, references, 0.01);
  });

  test("quantile bins of a continuous feature: no prior is involved, and the rate holds", () => {
    // Uniform draws, edges at the reference's own order statistics: bin probabilities are spacings.
    const random = new Random(3);
    const [m, n, bins] = [80, 40, 8];
    const threshold = psiThreshold(Array(bins).fill(m / bins), n, 0.02);
    let alarms = 0;
    const runs = 3000 * SIMULATIONS;
    for (let i = 0; i < runs; i++) {
      const reference = Array.from({ length: m }, () => random.uniform()).sort((a, b) => a - b);
      const edges = Array.from({ length: bins - 1 }, (_, b) => reference[((b + 1) * m) / bins - 1]!);
      const counts = Array<number>(bins).fill(0);
      for (let k = 0; k < n; k++) {
        const x = random.uniform();
        counts[edges.filter((e) => x > e).length]!++;
      }
      if (psi(Array(bins).fill(m / bins), counts) >= threshold) alarms++;
    }
    expectAtMost(alarms, runs, 0.02);
    expect(alarms / runs).toBeGreaterThan(0.01); // and is not far below: the correction costs little power
  });
});

describe("jensen-shannon", () => {
  test("worked example, equal and disjoint", () => {
    expect(jensenShannon([1, 1], [0, 2])).toBeCloseTo(0.75 * Math.log2(4 / 3), 12);
    expect(jensenShannon([3, 1], [300, 100])).toBe(0);
    expect(jensenShannon([5, 0], [0, 7])).toBeCloseTo(1, 12);
  });

  test("the limit holds its rate", () => {
    const random = new Random(4);
    const p = uniform(8);
    const runs = 200 * SIMULATIONS;
    let alarms = 0;
    for (let r = 0; r < runs; r++) {
      const reference = random.multinomial(p, 300);
      if (jensenShannon(reference, random.multinomial(p, 50)) >= jensenShannonThreshold(reference, 50, 0.02)) alarms++;
    }
    expectAtMost(alarms, runs, 0.02);
  });
});

describe("e-detector", () => {
  const delay = (random: Random, detector: EDetector, p: readonly number[], n: number, limit: number) => {
    for (let t = 1; t <= limit; t++) if (detector.update(random.multinomial(p, n))) return t;
    return Number.POSITIVE_INFINITY;
  };

  test("worked example: a shift of PSI 0.18 is found within 2 windows of 256", () => {
    const random = new Random(5);
    const delays = Array.from({ length: 40 }, () => {
      const detector = new EDetector(random.multinomial(uniform(8), 2000), 1000);
      for (let t = 0; t < 10; t++) detector.update(random.multinomial(uniform(8), 256));
      return delay(random, detector, SHIFTED, 256, 20);
    });
    expect(Math.max(...delays)).toBeLessThanOrEqual(2);
  });

  test("an e-value has mean one, given the past (all windows of 5 over 3 bins)", () => {
    // R_1 = e_1, so exp(logValue) after the first window is the e-value.
    const reference = [4, 2, 1];
    const alpha = posterior(reference);
    let mean = 0;
    for (const c of compositions(5, 3)) {
      const detector = new EDetector(reference, 10);
      detector.update(c);
      const p = Math.exp(logGamma(6) - c.reduce((s, k) => s + logGamma(k + 1), 0) + logDirichletMultinomial(c, alpha));
      mean += p * Math.exp(detector.logValue);
    }
    expect(mean).toBeCloseTo(1, 10);
  });

  test.each<[string, readonly number[], number, number]>([
    ["uniform, m = 100", uniform(8), 100, 50],
    ["uniform, m = 300", uniform(8), 300, 50],
    ["uneven, m = 300", [0.6, 0.2, 0.1, 0.05, 0.03, 0.01, 0.005, 0.005], 300, 50],
  ])("%s: P(alarm within A / 4 windows) <= 1 / 4, though the reference is small", (_, p, m, n) => {
    const random = new Random(6);
    const runs = 60 * SIMULATIONS;
    const target = 120;
    let alarms = 0;
    for (let r = 0; r < runs; r++)
      if (delay(random, new EDetector(random.multinomial(p, m), target), p, n, target / 4) <= target / 4) alarms++;
    expectAtMost(alarms, runs, 1 / 4);
  });

  test("restart forgets all", () => {
    const [a, b] = [new EDetector([30, 30], 100), new EDetector([30, 30], 100)];
    a.update([50, 0]);
    a.restart();
    a.update([20, 30]);
    b.update([20, 30]);
    expect(a.logValue).toBe(b.logValue);
  });

  test("values beyond doubles stay finite in logs", () => {
    const detector = new EDetector([5000, 5000], 1e9);
    for (let i = 0; i < 20; i++) detector.update([100_000, 0]);
    expect(Number.isFinite(detector.logValue)).toBe(true);
    expect(detector.logValue).toBeGreaterThan(detector.logThreshold);
  });
});

describe("cusum", () => {
  test("worked example: run length 6, by hand", () => expect(runLength([-1, 1], [0.5, 0.5], 2)).toBe(6));

  test("run length is exact: simulation agrees", () => {
    const scores = cusumScores(uniform(8), SHIFTED);
    const h = thresholdFor(scores, uniform(8), 2000);
    const exact = runLength(scores, uniform(8), h);
    expect(exact).toBeGreaterThanOrEqual(2000);
    expect(runLength(scores, uniform(8), h - 1)).toBeLessThan(2000);
    const random = new Random(8);
    const runs = 200 * SIMULATIONS;
    let total = 0;
    for (let r = 0; r < runs; r++) {
      const cusum = new IntegerCusum(scores, h);
      do total++;
      while (!cusum.update(random.categorical(uniform(8))));
    }
    expect(Math.abs(total / runs - exact)).toBeLessThan((4 * exact) / Math.sqrt(runs)); // run lengths are about exponential: 4 sigma
  });

  test("the numeric trap: run lengths stay positive and ascend far beyond 1e16", () => {
    const scores = cusumScores(uniform(8), SHIFTED);
    let last = 0;
    for (let h = 1; h < 400; h += 7) {
      const length = runLength(scores, uniform(8), h);
      expect(length).toBeGreaterThanOrEqual(last);
      last = length;
    }
    expect(last).toBeGreaterThan(1e16);
  });

  test("a finite reference raises the threshold; the same seed gives the same", () => {
    const scores = cusumScores(uniform(8), SHIFTED);
    const known = thresholdFor(scores, uniform(8), 1e4);
    const small = cusumThreshold(Array(8).fill(40), scores, 1e4, 3);
    expect(small).toBeGreaterThan(known);
    expect(cusumThreshold(Array(8).fill(40), scores, 1e4, 3)).toBe(small);
    expect(cusumThreshold(Array(8).fill(1000), scores, 1e4, 3)).toBeLessThan(small);
  });

  test("refuses scores that drift upwards by themselves", () => {
    expect(() => thresholdFor([1, 2], [0.5, 0.5], 1e4)).toThrow("cusum: no threshold up to");
  });
});
