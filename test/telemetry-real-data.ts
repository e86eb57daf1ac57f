/** Real data for drift tests: columns of a csv.gz under $PITH_DATA, standardized and quantized as a model's input is. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { countBins, quantileEdges } from "../sdk/telemetry/bins.ts";
import { LAYOUT_VERSION, type MonitorLayout } from "../sdk/telemetry/layout.ts";

const ROOT = process.env.PITH_DATA;
export const requireAll = process.env.PITH_REQUIRE_ALL !== undefined;

/** Path of a data set's file, or undefined and the reason why the test is skipped. */
export function dataFile(name: string): string | undefined {
  const path = ROOT && join(ROOT, "datasets", name, `${name}.csv.gz`);
  return path && existsSync(path) ? path : undefined;
}

export function readCsv(path: string): { header: string[]; rows: string[][] } {
  const [header, ...rows] = gunzipSync(readFileSync(path))
    .toString("utf8")
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  return { header: header!, rows };
}

/** One over the step of a code, in standard deviations: codes span ±4 of the reference's. */
const CODES_PER_SIGMA = 32;

/** Standardizes columns on `reference` and quantizes to int8: what `standardize` and input quantization do. */
export function codesOn(reference: readonly (readonly number[])[]): (row: readonly number[]) => number[] {
  const columns = reference[0]!.map((_, f) => {
    const mean = reference.reduce((s, r) => s + r[f]!, 0) / reference.length;
    const deviation = Math.sqrt(reference.reduce((s, r) => s + (r[f]! - mean) ** 2, 0) / reference.length);
    return { mean, deviation: deviation || 1 };
  });
  return (row) =>
    row.map((x, f) =>
      Math.max(-128, Math.min(127, Math.round(((x - columns[f]!.mean) / columns[f]!.deviation) * CODES_PER_SIGMA))),
    );
}

const BINS = 8;

/** A layout with one feature monitor, made as the monitor pass makes it. */
export function featureLayout(
  reference: readonly (readonly number[])[],
  features: readonly string[],
  falseAlarmEvery: number,
): MonitorLayout {
  const edges = features.map((_, f) =>
    quantileEdges(
      reference.map((r) => r[f]!),
      BINS,
    ),
  );
  const counts = features.flatMap((_, f) =>
    countBins(
      reference.map((r) => r[f]!),
      edges[f]!,
    ),
  );
  const words = features.length * BINS;
  return {
    version: LAYOUT_VERSION,
    words,
    samples: reference.length,
    falseAlarmEvery,
    monitors: [{ name: "input", kind: "feature", bins: BINS, offsetWords: 0, features, edges, reference: counts }],
  };
}

/** The monitors region after these rows. */
export function regionOf(layout: MonitorLayout, rows: readonly (readonly number[])[]): number[] {
  const { edges } = layout.monitors[0]!;
  return edges.flatMap((e, f) =>
    countBins(
      rows.map((r) => r[f]!),
      e,
    ),
  );
}
