import { expect, test } from "vitest";
import { compileModel } from "../sdk/compile/compile.ts";
import { version } from "../sdk/version.ts";
import { htmlReport } from "../tools/report/html.ts";
import { lineText } from "../tools/report/line-text.ts";
import type { LineReport } from "../tools/report/report-data.ts";
import { smallModel } from "./support/small-model.ts";

async function report(): Promise<LineReport> {
  const build = await compileModel(smallModel());
  const course = Array.from({ length: 30 }, (_, i) => ({
    epoch: i + 1,
    loss: 1.5 * 0.9 ** i + 0.15,
    metrics: { accuracy: 1 - 0.75 * 0.88 ** i },
  }));
  const row = (feature: string, kind: "feature" | "classes", reach: number) => ({
    monitor: kind === "feature" ? "accel" : "classes",
    kind,
    feature,
    reference: [10, 20, 30, 40],
    counts: [5, 5, 5, 5],
    latest: [1, 1, 1, 1],
    psi: [0.1, 0.12, 0.09, 0.3 * reach, 0.33 * reach, 0.31 * reach, 0.35 * reach],
    psiThreshold: 0.4,
    logE: [0, 0.2, 0, 3 * reach, 6 * reach, 9 * reach, null],
    logThreshold: 12,
    jensenShannon: 0.01,
    alarms: 1,
  });
  return {
    version: 1,
    pith: version,
    model: "small",
    data: {
      name: "motor",
      about: "an accelerometer <on> a motor",
      simulated: true,
      trainSamples: 1000,
      testSamples: 300,
      classes: ["bearing", "idle", "imbalance", "load", "off"],
    },
    stages: [
      { name: "train", seconds: 41.2, line: "30 epochs; float accuracy 98.3 %" },
      { name: "quantize", seconds: 1.9, line: "int8 accuracy 98.0 %" },
      { name: "compile", seconds: 1.2, line: "wasm: weights 10,456" },
      { name: "infer", seconds: 9.4, line: "300 of 300 windows give the same bytes" },
    ],
    leftOut: [{ what: "board", why: "no C compiler & no emulator" }],
    training: course,
    accuracy: { float: 0.983, int8: 0.98, samples: 300 },
    confusion: [
      [57, 0, 1, 2, 0],
      [0, 60, 0, 0, 0],
      [0, 0, 59, 1, 0],
      [2, 0, 0, 58, 0],
      [0, 0, 0, 0, 60],
    ],
    build: build.report,
    plan: build.plan,
    board: { name: "virtual", inferences: 300, equal: 300 },
    drift: {
      report: {
        version: 1,
        falseAlarmEvery: 100_000,
        window: 100,
        independentEvery: 4,
        referenceSamples: 1000,
        inferences: 700,
        windows: 7,
        rows: [row("x", "feature", 3), row("y", "feature", 1.5), row("z", "feature", 0.4), row("class", "classes", 2)],
        alarms: [
          { monitor: "accel", feature: "x", test: "psi", windows: 4, inferences: 400, statistic: 0.9, threshold: 0.4 },
        ],
      },
      change: "The sensor's mount loosens (simulated)",
      before: 3,
    },
  };
}

test("the HTML report is one file that needs nothing else, escapes texts, and says what is simulated", async () => {
  const html = htmlReport(await report());
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|<link|\ssrc=|href=|url\(|@import|https?:/);
  expect(html).toContain("an accelerometer &lt;on&gt; a motor");
  expect(html).toContain("The data are simulated");
  expect(html).toContain("no C compiler &amp; no emulator");
  expect(html.match(/<svg/g)).toHaveLength(5);
  expect(html.match(/<desc>[^<]{20,}<\/desc>/g)).toHaveLength(5);
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
});

test("a report without board or drift says so", async () => {
  const html = htmlReport({ ...(await report()), board: null, drift: null });
  expect(html).toContain("no board ran");
  expect(html).not.toMatch(/NaN|undefined/);
});

test("the terminal report names the target, the bytes and the first alarm", async () => {
  const text = lineText(await report());
  expect(text).toContain("small on motor, simulated data");
  expect(text).toContain("300 of 300 inferences on virtual equal");
  expect(text).toContain("first alarm in window 4 (x, psi); 7 windows of 100, the input changes after 3");
  expect(text).toContain("left out  board: no C compiler & no emulator");
});
