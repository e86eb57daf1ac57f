import { describe, expect, test } from "vitest";
import { featureHistogram } from "../kernels/featureHistogram/featureHistogram.ts";
import { binOf, confidenceBin, countBins, NO_EDGE, quantileEdges } from "../sdk/telemetry/bins.ts";
import { layoutRows, type MonitorLayout, parseLayout, splitCounts } from "../sdk/telemetry/layout.ts";
import { Random } from "../sdk/telemetry/random.ts";

const layout: MonitorLayout = {
  version: 1,
  words: 24,
  samples: 10,
  falseAlarmEvery: 10_000,
  monitors: [
    {
      name: "x",
      kind: "feature",
      bins: 4,
      offsetWords: 0,
      features: ["a", "b"],
      edges: [
        [-5, 0, 5],
        [3, 127, 127],
      ],
      reference: [2, 3, 3, 2, 6, 4, 0, 0],
    },
    {
      name: "confidence",
      kind: "confidence",
      bins: 13,
      offsetWords: 8,
      features: ["confidence"],
      edges: [],
      reference: Array(13).fill(0),
    },
    {
      name: "classes",
      kind: "classes",
      bins: 3,
      offsetWords: 21,
      features: ["class"],
      edges: [],
      reference: [1, 4, 5],
      labels: ["u", "v", "w"],
    },
  ],
};
/** The document as one would tamper with it. */
interface Draft {
  version?: unknown;
  words: unknown;
  samples: unknown;
  monitors: {
    name: string;
    kind: string;
    offsetWords: number;
    features: string[];
    edges: number[][];
    reference: number[];
    labels: string[];
  }[];
}
const tampered = (change: (doc: Draft) => unknown): unknown => {
  const doc = JSON.parse(JSON.stringify(layout)) as Draft;
  change(doc);
  return doc;
};

describe("layout", () => {
  test("survives JSON", () => expect(parseLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout));

  test("splits counters by monitor and feature", () => {
    const [x, , classes] = splitCounts(
      layout,
      Uint32Array.from({ length: 24 }, (_, i) => i),
    );
    expect(x).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(classes).toEqual([[21, 22, 23]]);
    expect(() => splitCounts(layout, new Uint32Array(23))).toThrow("monitors: 23 counters, expected 24");
  });

  test("a row has the bins that its edges can reach", () => {
    expect(layoutRows(layout).map((r) => [r.feature, r.offsetWords, r.bins])).toEqual([
      ["a", 0, 4],
      ["b", 4, 2],
      ["confidence", 8, 13],
      ["class", 21, 3],
    ]);
  });

  test.each<[string, (doc: Draft) => unknown, string]>([
    ["no version", (d) => delete d.version, "monitors.version: received undefined"],
    ["a later version", (d) => (d.version = 2), "monitors.version: received 2"],
    ["huge words", (d) => (d.words = 1e12), "monitors.words: received 1000000000000"],
    ["fractional samples", (d) => (d.samples = 0.5), "monitors.samples"],
    ["monitors that are no array", (d) => Object.assign(d, { monitors: {} }), "monitors.monitors: received {}"],
    ["an unknown kind", (d) => (d.monitors[0]!.kind = "__proto__"), "monitors.monitors[0].kind"],
    [
      "overlapping words",
      (d) => (d.monitors[1]!.offsetWords = 4),
      "monitors.monitors[1].offsetWords: received 4, expected 8",
    ],
    ["words that do not add up", (d) => (d.words = 25), "monitors.words: received 25, expected 24"],
    ["edges that descend", (d) => (d.monitors[0]!.edges[0] = [0, -5, 5]), "monitors.monitors[0].edges[0][1]"],
    ["too few edges", (d) => (d.monitors[0]!.edges[0] = [0]), "1 edges, expected 3"],
    ["an edge beyond int8", (d) => (d.monitors[0]!.edges[0] = [0, 1, 128]), "edges[0][2]: received 128"],
    ["edges on classes", (d) => (d.monitors[2]!.edges = [[0, 1]]), "monitors.monitors[2].edges"],
    ["negative counts", (d) => (d.monitors[0]!.reference[0] = -1), "reference[0]: received -1"],
    ["missing counts", (d) => d.monitors[0]!.reference.pop(), "7 counts, expected 8"],
    ["two rows of classes", (d) => d.monitors[2]!.features.push("again"), "2 names, expected one"],
    ["a label too few", (d) => d.monitors[2]!.labels.pop(), "2 names, expected 3"],
    ["a name of a megabyte", (d) => (d.monitors[0]!.name = "x".repeat(1 << 20)), "a string of at most 256"],
    ["equal names", (d) => (d.monitors[1]!.name = "x"), "equal names"],
  ])("refuses %s", (_, change, message) => expect(() => parseLayout(tampered(change))).toThrow(message));

  test.each([null, undefined, 1, "x", [], [[]]])("refuses %j", (value) =>
    expect(() => parseLayout(value)).toThrow("monitors"),
  );
});

describe("bins", () => {
  const random = new Random(7);
  const codes = (n: number, draw: () => number) =>
    Int8Array.from({ length: n }, () => Math.max(-128, Math.min(127, Math.round(draw()))));

  test("bin = number of edges that the code exceeds", () => {
    expect([-10, -5, -4, 0, 1, 127].map((c) => binOf(c, [-5, 0, NO_EDGE]))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test("counts as the device operator does", () => {
    const values = codes(200, () => random.normal() * 40);
    const edges = quantileEdges(values, 8);
    let counts = new Float64Array(8);
    for (const v of values) {
      const code = { shape: [1, 1], data: Float64Array.of(v) };
      [counts] = featureHistogram.definition.reference([code, { shape: [1, 8], data: counts }], { edges }, []) as [
        Float64Array<ArrayBuffer>,
      ];
    }
    expect(Array.from(counts)).toEqual(countBins(values, edges));
  });

  test("continuous codes: bins of equal counts, within the largest code's count", () => {
    const values = codes(4000, () => random.normal() * 32);
    const counts = countBins(values, quantileEdges(values, 8));
    expect(Math.min(...counts)).toBeGreaterThan(400);
    expect(Math.max(...counts)).toBeLessThan(600);
  });

  test("a constant: its bin, one below, one above", () => {
    expect(quantileEdges([5, 5, 5], 8)).toEqual([4, 5, ...Array(5).fill(NO_EDGE)]);
    expect(quantileEdges([-128], 8)).toEqual([-128, ...Array(6).fill(NO_EDGE)]);
    expect(quantileEdges([127], 8)).toEqual([126, ...Array(6).fill(NO_EDGE)]);
  });

  test("few distinct codes: a bin each", () => {
    const values = [0, 0, 0, 10, 10, 20];
    const edges = quantileEdges(values, 8);
    expect(edges.slice(0, 4)).toEqual([-1, 0, 10, 20]);
    expect(countBins(values, edges)).toEqual([0, 3, 2, 1, 0, 0, 0, 0]);
    expect(quantileEdges([1, 2, 3, 4, 5, 6, 7, 8], 8)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(quantileEdges([1, 2, 3, 4, 5, 6, 7], 8)).toEqual([1, 2, 3, 4, 5, 6, NO_EDGE]);
  });

  test("an atom of 60 % gets one bin, the rest is divided evenly", () => {
    const values = codes(4000, () => (random.uniform() < 0.6 ? -128 : random.uniform() * 200 - 100));
    const counts = countBins(values, quantileEdges(values, 8));
    expect(counts[0]! / 4000).toBeCloseTo(0.6, 1);
    for (const c of counts.slice(1)) expect(c / 4000).toBeGreaterThan(0.04);
  });

  test("edges ascend, are complete, and leave no inner bin empty", () => {
    for (let i = 0; i < 200; i++) {
      const spread = random.uniform() * 60;
      const values = codes(1 + Math.floor(random.uniform() * 300), () => random.normal() * spread);
      const edges = quantileEdges(values, 8);
      expect(edges).toHaveLength(7);
      const real = edges.filter((e) => e < NO_EDGE);
      expect(real.every((e, j) => j === 0 || e > real[j - 1]!)).toBe(true);
      expect(
        countBins(values, edges)
          .slice(1, real.length)
          .every((c) => c > 0),
      ).toBe(true);
    }
  });

  test("confidence bins are the upper four bits", () =>
    expect([0, 15, 16, 255].map(confidenceBin)).toEqual([0, 0, 1, 15]));
});
