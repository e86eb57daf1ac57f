import { describe, expect, test } from "vitest";
import { DriftMonitor } from "../sdk/telemetry/alarms.ts";
import type { MonitorLayout } from "../sdk/telemetry/layout.ts";
import { Random } from "../sdk/telemetry/random.ts";
import { renderAlarm, renderReport } from "../sdk/telemetry/terminal.ts";
import { expectAtMost, SIMULATIONS } from "./telemetry-simulation.ts";

const FEATURES = 6;
const CONFIDENCE = [0, 0, 0, 0, 0.002, 0.003, 0.005, 0.01, 0.01, 0.02, 0.02, 0.03, 0.05, 0.05, 0.1, 0.7];
const CLASSES = [0.7, 0.2, 0.08, 0.02];
const UNIFORM = Array<number>(8).fill(1 / 8);

/** The words of `n` inferences of a model with six features, confidence and four classes. */
const drawn = (random: Random, n: number, feature = UNIFORM): number[] => [
  ...Array.from({ length: FEATURES }, (_, f) => random.multinomial(f === 0 ? feature : UNIFORM, n)).flat(),
  ...random.multinomial(CONFIDENCE, n),
  ...random.multinomial(CLASSES, n),
];

function layoutOf(random: Random, samples: number, falseAlarmEvery = 100_000): MonitorLayout {
  const reference = drawn(random, samples);
  const features = Array.from({ length: FEATURES }, (_, f) => `x${f}`);
  return {
    version: 1,
    words: reference.length,
    samples,
    falseAlarmEvery,
    monitors: [
      {
        name: "input",
        kind: "feature",
        bins: 8,
        offsetWords: 0,
        features,
        edges: features.map(() => [-60, -40, -20, 0, 20, 40, 60]),
        reference: reference.slice(0, 48),
      },
      {
        name: "confidence",
        kind: "confidence",
        bins: 16,
        offsetWords: 48,
        features: ["confidence"],
        edges: [],
        reference: reference.slice(48, 64),
      },
      {
        name: "classes",
        kind: "classes",
        bins: 4,
        offsetWords: 64,
        features: ["class"],
        edges: [],
        reference: reference.slice(64),
        labels: ["idle", "walk", "run", "fall"],
      },
    ],
  };
}

describe("drift monitor", () => {
  test("the statement over all monitors: P(alarm within T inferences) <= T / falseAlarmEvery, m = 300", () => {
    const runs = 60 * SIMULATIONS;
    let alarmed = 0;
    for (let seed = 0; seed < runs; seed++) {
      const random = new Random(seed);
      const monitor = new DriftMonitor(layoutOf(random, 300, 2000));
      for (let w = 0; w < 8 && monitor.alarms.length === 0; w++) monitor.update(drawn(random, 50), 50);
      if (monitor.alarms.length > 0) alarmed++;
    }
    expectAtMost(alarmed, runs, 400 / 2000);
  });

  test("a feature that moves is named, in the window where it moved", () => {
    const random = new Random(11);
    const monitor = new DriftMonitor(layoutOf(random, 2000));
    for (let w = 0; w < 5; w++) expect(monitor.update(drawn(random, 256), 256)).toEqual([]);
    const alarms = monitor.update(drawn(random, 256, [0.3, 0.3, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]), 256);
    expect(alarms.map((a) => [a.monitor, a.feature, a.test, a.windows, a.inferences])).toEqual([
      ["input", "x0", "psi", 6, 1536],
      ["input", "x0", "e-detector", 6, 1536],
    ]);
  });

  test("a small lasting shift, mostly below any window's limit, is found by the e-detector after a quiet time", () => {
    const shifted = [0.15, 0.15, 0.14, 0.13, 0.12, 0.11, 0.1, 0.1]; // PSI 0.024
    const found = Array.from({ length: 5 }, (_, seed) => {
      const random = new Random(seed);
      const monitor = new DriftMonitor(layoutOf(random, 2000));
      for (let w = 0; w < 20; w++) monitor.update(drawn(random, 256), 256);
      for (let w = 0; w < 15; w++) monitor.update(drawn(random, 256, shifted), 256);
      return (
        monitor.alarms.find((a) => a.feature === "x0" && a.test === "e-detector")?.windows ?? Number.POSITIVE_INFINITY
      );
    });
    for (const windows of found) expect(windows).toBeGreaterThan(20);
    for (const windows of found) expect(windows).toBeLessThanOrEqual(35);
  });

  test("any cutting into frames gives the same windows", () => {
    const random = new Random(13);
    const layout = layoutOf(random, 300);
    const stream = Array.from({ length: 100 }, () => drawn(random, 5));
    const [fine, coarse] = [new DriftMonitor(layout), new DriftMonitor(layout)];
    for (const counts of stream) fine.update(counts, 5);
    for (let i = 0; i < 100; i += 10)
      coarse.update(
        stream[0]!.map((_, b) => stream.slice(i, i + 10).reduce((s, c) => s + c[b]!, 0)),
        50,
      );
    expect(fine.report()).toEqual(coarse.report());
    expect(fine.windows).toBe(10);
  });

  test("windows: 50 for a small reference, 256 otherwise, times independentEvery", () => {
    const random = new Random(14);
    const [small, large] = [layoutOf(random, 300), layoutOf(random, 2000)];
    expect(new DriftMonitor(small).window).toBe(50);
    expect(new DriftMonitor(large).window).toBe(256);
    expect(new DriftMonitor(large, { independentEvery: 4 }).window).toBe(200);
  });

  test("overlapping inferences: independentEvery keeps the statement that it loses without", () => {
    const repeats = 8;
    const alarms = (independentEvery: number, runs: number) => {
      let alarmed = 0;
      for (let seed = 0; seed < runs; seed++) {
        const random = new Random(seed);
        const reference = layoutOf(random, 400, 20_000);
        const layout = {
          ...reference,
          samples: 400 * repeats,
          monitors: reference.monitors.map((m) => ({ ...m, reference: m.reference.map((c) => c * repeats) })),
        };
        const monitor = new DriftMonitor(layout, { independentEvery, window: 400 });
        for (let w = 0; w < 5; w++)
          monitor.update(
            drawn(random, 50).map((c) => c * repeats),
            50 * repeats,
          );
        if (monitor.alarms.length > 0) alarmed++;
      }
      return alarmed;
    };
    expectAtMost(alarms(repeats, 30), 30, 0.1);
    expect(alarms(1, 5)).toBe(5);
  });

  test("more classes than the tests take are pooled", () => {
    const reference = Array.from({ length: 100 }, (_, c) => 100 - c);
    const layout: MonitorLayout = {
      version: 1,
      words: 100,
      samples: 5050,
      falseAlarmEvery: 10_000,
      monitors: [
        { name: "classes", kind: "classes", bins: 100, offsetWords: 0, features: ["class"], edges: [], reference },
      ],
    };
    const moved = new DriftMonitor(layout, { window: 101 });
    expect(moved.update([...reference].reverse(), 5050).map((a) => a.test)).toEqual(["psi", "e-detector"]);
    const random = new Random(1);
    const calm = new DriftMonitor(layout, { window: 101 });
    expect(
      calm.update(
        random.multinomial(
          reference.map((r) => r / 5050),
          101,
        ),
        101,
      ),
    ).toEqual([]);
  });

  test.each<[string, () => unknown, string]>([
    ["another model's counters", () => monitor().update([1], 1), "drift: 1 counters, expected 68"],
    [
      "counters that do not add up",
      () => monitor().update(drawn(new Random(1), 50), 49),
      'drift: "x0" counted 50 of 49 inferences',
    ],
    [
      "a promise shorter than a window",
      () => monitor(40),
      "drift: falseAlarmEvery is 40, expected more than one window of 50",
    ],
    ["a promise that is no number", () => monitor(Number.NaN), "drift: falseAlarmEvery is NaN"],
  ])("refuses %s", (_, act, message) => expect(act).toThrow(message));

  const monitor = (falseAlarmEvery = 10_000) => new DriftMonitor(layoutOf(new Random(15), 300), { falseAlarmEvery });
});

describe("terminal", () => {
  const random = new Random(17);
  const monitor = new DriftMonitor(layoutOf(random, 2000));
  for (let w = 0; w < 3; w++) monitor.update(drawn(random, 256), 256);
  const calm = monitor.report();
  monitor.update(drawn(random, 256, [0.3, 0.3, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]), 256);
  const alarmed = monitor.report();

  test("no alarm", () => {
    const text = renderReport(calm);
    expect(text).toContain("768 inferences in 3 windows of 256; no alarm");
    expect(text).toContain("at most one false alarm in 100000 inferences, over 8 histograms; reference: 2000 samples");
    expect(text).not.toContain("\x1b");
  });

  test("an alarm: its row first, its line last", () => {
    const lines = renderReport(alarmed).trimEnd().split("\n");
    expect(lines[0]).toContain("2 alarms");
    expect(lines[4]).toMatch(/^x0 +[▁-█]{8} → [▁-█]{8} +\d\.\d{3} \(\d\.\d{3}\)/);
    expect(lines.at(-1)).toMatch(/^ALARM input x0: e 1e\d+\.\d ≥ 1e\d+\.\d in window 4 \(inference 1024\)$/);
  });

  test("colour, and fewer rows", () => {
    const text = renderReport(alarmed, { color: true, rows: 2 });
    expect(text).toContain("\x1b[31m2 alarms\x1b[0m");
    expect(text).toContain("… 6 more");
  });

  test("before the first window", () =>
    expect(renderReport(new DriftMonitor(layoutOf(random, 300)).report())).toContain("0 inferences in 0 windows"));

  test("names bring no escape sequences", () => {
    expect(renderAlarm({ ...alarmed.alarms[0]!, feature: "\x1b]0;x\x07" })).not.toContain("\x1b");
  });

  test("the report is JSON, and back", () => expect(JSON.parse(JSON.stringify(alarmed))).toEqual(alarmed));
});
