/**
 * From counts to alarms, with one promise over all monitors, features and tests together:
 *
 *     if nothing changed, P(a false alarm within T inferences) <= T / falseAlarmEvery.
 *
 * The budget of a window, n / falseAlarmEvery, is split evenly over all histograms and the two tests of each
 * (Bonferroni), which needs no assumption about how features depend on each other: the window test takes its part as
 * a probability, the e-detector as 1 / run length. In the long run false alarms are rarer still, since the tests of one
 * histogram are correlated and counts are discrete.
 *
 * It is a promise about independent inferences that are drawn like the reference. Overlapping windows of a signal are
 * not independent: `independentEvery: k` states that k inferences bring about one independent sample (window length /
 * hop), and counts are divided by k. The mean of k correlated streams spreads no more than one of them, and PSI and
 * the e-value are convex in the counts, so their means do not grow (Jensen); that their tails do not is seen in
 * simulation, not proved. A reference that misses part of normal
 * life (night, the other operator) breaks the promise, and no statistic can tell.
 */
import { PithError } from "../error.ts";
import { layoutRows, type MonitorKind, type MonitorLayout, type MonitorRow } from "./layout.ts";
import { type DriftTest, RowMonitor } from "./row-monitor.ts";

export interface DriftOptions {
  /** At most one false alarm in this many inferences; the layout's own by default. */
  readonly falseAlarmEvery?: number;
  /** Inferences in a test window: 50 for references below 1000 samples, 256 otherwise, times `independentEvery`. */
  readonly window?: number;
  /** Inferences that bring one independent sample, 1 by default. */
  readonly independentEvery?: number;
}

export interface DriftAlarm {
  readonly monitor: string;
  readonly feature: string;
  readonly test: DriftTest;
  /** The window that raised it, from 1, and the inferences seen up to its end. */
  readonly windows: number;
  readonly inferences: number;
  /** PSI, or ln of the e-detector's value. */
  readonly statistic: number;
  readonly threshold: number;
}

export interface RowReport {
  readonly monitor: string;
  readonly kind: MonitorKind;
  readonly feature: string;
  readonly labels?: readonly string[];
  readonly reference: readonly number[];
  /** Counts since the start, and of the last window. */
  readonly counts: readonly number[];
  readonly latest: readonly number[];
  /** Course over the last windows (at most 512). */
  readonly psi: readonly number[];
  readonly psiThreshold: number | null;
  readonly logE: readonly (number | null)[];
  readonly logThreshold: number;
  readonly jensenShannon: number;
  readonly alarms: number;
}

/** JSON-safe: no Infinity in it. */
export interface DriftReport {
  readonly version: 1;
  readonly falseAlarmEvery: number;
  readonly window: number;
  readonly independentEvery: number;
  readonly referenceSamples: number;
  readonly inferences: number;
  readonly windows: number;
  readonly rows: readonly RowReport[];
  readonly alarms: readonly DriftAlarm[];
}

const [SMALL_WINDOW, WINDOW, SMALL_REFERENCE] = [50, 256, 1000] as const;
const MAX_ALARMS = 1000;

export class DriftMonitor {
  readonly layout: MonitorLayout;
  readonly falseAlarmEvery: number;
  readonly window: number;
  readonly independentEvery: number;
  inferences = 0;
  windows = 0;
  /** The last 1000 alarms. */
  readonly alarms: DriftAlarm[] = [];
  readonly #rows: readonly { readonly row: MonitorRow; readonly tests: RowMonitor }[];
  readonly #limits = new Map<string, number>();
  #pending: Float64Array;
  #pendingSamples = 0;

  constructor(layout: MonitorLayout, options: DriftOptions = {}) {
    this.layout = layout;
    this.independentEvery = positive("independentEvery", options.independentEvery ?? 1);
    const effective = layout.samples / this.independentEvery;
    this.window = positive(
      "window",
      options.window ?? this.independentEvery * (effective < SMALL_REFERENCE ? SMALL_WINDOW : WINDOW),
    );
    this.falseAlarmEvery = positive("falseAlarmEvery", options.falseAlarmEvery ?? layout.falseAlarmEvery);
    if (this.falseAlarmEvery <= this.window)
      throw new PithError(
        "usage",
        `drift: falseAlarmEvery is ${this.falseAlarmEvery}, expected more than one window of ${this.window} inferences (raise it, or set window)`,
      );
    const rows = layoutRows(layout);
    const parts = 2 * rows.length;
    const budget = {
      falseAlarmPerInference: 1 / this.falseAlarmEvery / parts,
      runLengthWindows: (this.falseAlarmEvery / this.window) * parts,
      independentEvery: this.independentEvery,
    };
    this.#rows = rows.map((row) => ({ row, tests: new RowMonitor(row.reference, budget) }));
    this.#pending = new Float64Array(layout.words);
  }

  /**
   * Takes new counts (deltas of the monitors region, such as a frame's) of `samples` inferences. Tests run when a
   * window is full; deltas are never split, so a window can be larger than asked. Returns the alarms raised now.
   */
  update(counts: ArrayLike<number>, samples: number): DriftAlarm[] {
    if (counts.length !== this.layout.words)
      throw new PithError(
        "data",
        `drift: ${counts.length} counters, expected ${this.layout.words} (another model's frame?)`,
      );
    for (const { row } of this.#rows) {
      let total = 0;
      for (let b = 0; b < row.bins; b++) total += counts[row.offsetWords + b]!;
      if (total !== samples)
        throw new PithError(
          "data",
          `drift: "${row.feature}" counted ${total} of ${samples} inferences, expected all (were monitors reset within a frame?)`,
        );
    }
    for (let i = 0; i < this.#pending.length; i++) this.#pending[i]! += counts[i]!;
    this.#pendingSamples += samples;
    return this.#pendingSamples >= this.window ? this.#test() : [];
  }

  report(): DriftReport {
    return {
      version: 1,
      falseAlarmEvery: this.falseAlarmEvery,
      window: this.window,
      independentEvery: this.independentEvery,
      referenceSamples: this.layout.samples,
      inferences: this.inferences,
      windows: this.windows,
      rows: this.#rows.map(({ row, tests }) => {
        const labels = this.layout.monitors.find((m) => m.name === row.monitor)?.labels;
        return {
          monitor: row.monitor,
          kind: row.kind,
          feature: row.feature,
          ...(labels ? { labels } : {}),
          reference: tests.reference,
          counts: [...tests.counts],
          latest: tests.latest,
          psi: [...tests.psi],
          psiThreshold: finite(tests.psiThreshold),
          logE: tests.logE.map(finite),
          logThreshold: tests.logThreshold,
          jensenShannon: tests.jensenShannon,
          alarms: this.alarms.filter((a) => a.monitor === row.monitor && a.feature === row.feature).length,
        };
      }),
      alarms: [...this.alarms],
    };
  }

  #test(): DriftAlarm[] {
    this.windows++;
    this.inferences += this.#pendingSamples;
    const raised = this.#rows.flatMap(({ row, tests }) => {
      const counts = Array.from(this.#pending.subarray(row.offsetWords, row.offsetWords + row.bins));
      return tests.update(counts, this.#limits).map((alarm) => ({
        monitor: row.monitor,
        feature: row.feature,
        windows: this.windows,
        inferences: this.inferences,
        ...alarm,
      }));
    });
    this.#pending.fill(0);
    this.#pendingSamples = 0;
    this.alarms.push(...raised);
    if (this.alarms.length > MAX_ALARMS) this.alarms.splice(0, this.alarms.length - MAX_ALARMS);
    return raised;
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function positive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new PithError("usage", `drift: ${name} is ${value}, expected a positive integer`);
  return value;
}
