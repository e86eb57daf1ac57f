/**
 * Ranges of every tensor over calibration samples, measured on the portable f32 module, so that a model quantizes to
 * the same bytes on every machine.
 */
import type { TypedArray } from "../../kernels/op.ts";
import { compilePortable } from "../compile/portable.ts";
import { PithError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import { loadModule, viewAs } from "../runtime/module.ts";

export const CALIBRATION_METHODS = ["minmax", "percentile"] as const;
export type CalibrationMethod = (typeof CALIBRATION_METHODS)[number];

export interface Range {
  readonly min: number;
  readonly max: number;
}

export type Samples = Iterable<Readonly<Record<string, TypedArray>>>;

const HISTOGRAM_BINS = 2048;
/** Mass kept by "percentile", split evenly over both tails. */
const PERCENTILE = 0.9999;

/**
 * Range by node name for every step's output, and by input name for inputs. "minmax" covers all values;
 * "percentile" leaves out the outermost 0.01 % (histogram of 2048 bins between the extremes).
 */
export async function calibrate(
  graph: Graph,
  samples: Samples,
  method: CalibrationMethod = "minmax",
): Promise<ReadonlyMap<string, Range>> {
  const { wasm } = await compilePortable(graph, { name: "calibrate" });
  const model = await loadModule(wasm);
  const kept = [...samples];
  if (kept.length === 0)
    throw new PithError("data", "calibrate: no samples, expected at least one (pass data that looks like the field's)");
  const observe = (visit: (name: string, values: TypedArray) => void): void => {
    for (const sample of kept) {
      for (const [name, values] of Object.entries(sample)) visit(name, values);
      const { steps } = model.steps(sample);
      steps.forEach((bytes, i) => {
        const step = model.manifest.steps[i]!;
        visit(step.name, viewAs(step.dtype, bytes));
      });
    }
  };
  const ranges = new Map<string, { min: number; max: number }>();
  observe((name, values) => widen(ranges, name, values));
  return method === "minmax" ? ranges : percentiles(ranges, observe);
}

function widen(ranges: Map<string, { min: number; max: number }>, name: string, values: TypedArray): void {
  const range = ranges.get(name) ?? { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  for (const value of values) {
    const v = Number(value);
    if (!Number.isFinite(v))
      throw new PithError(
        "data",
        `calibrate: "${name}" takes the value ${v}, expected finite values (clean the data or retrain)`,
      );
    if (v < range.min) range.min = v;
    if (v > range.max) range.max = v;
  }
  ranges.set(name, range);
}

function percentiles(
  ranges: ReadonlyMap<string, Range>,
  observe: (visit: (name: string, values: TypedArray) => void) => void,
): ReadonlyMap<string, Range> {
  const histograms = new Map([...ranges.keys()].map((name) => [name, new Float64Array(HISTOGRAM_BINS)]));
  const binOf = ({ min, max }: Range, v: number): number =>
    max > min ? Math.min(HISTOGRAM_BINS - 1, Math.floor(((v - min) / (max - min)) * HISTOGRAM_BINS)) : 0;
  observe((name, values) => {
    const histogram = histograms.get(name)!;
    for (const value of values) histogram[binOf(ranges.get(name)!, Number(value))]!++;
  });
  return new Map(
    [...ranges].map(([name, range]) => {
      const histogram = histograms.get(name)!;
      const tail = (histogram.reduce((a, b) => a + b, 0) * (1 - PERCENTILE)) / 2;
      const width = (range.max - range.min) / HISTOGRAM_BINS;
      let low = 0;
      for (let mass = histogram[0]!; mass <= tail && low < HISTOGRAM_BINS - 1; mass += histogram[++low]!);
      let high = HISTOGRAM_BINS - 1;
      for (let mass = histogram[high]!; mass <= tail && high > low; mass += histogram[--high]!);
      return [name, { min: range.min + low * width, max: range.min + (high + 1) * width }];
    }),
  );
}
