/** Normalization as a layer: the statistics are constants of the graph, so training and device cannot disagree. */
import type { Tensor } from "../../kernels/op.ts";
import { standardize as standardizeOp } from "../../kernels/standardize/standardize.ts";
import type { Dataset } from "../data/dataset.ts";
import { PithError } from "../error.ts";
import type { Layer, LayerOptions } from "./layer.ts";
import { hint } from "./names.ts";

export interface StandardizeOptions extends LayerOptions {
  /** Which input of the data set, where it has several. */
  readonly input?: string;
}

/** `(x - mean) / deviation`, one pair for each index of the last axis, measured on a data set (the training split). */
export function standardize(data: Dataset, options: StandardizeOptions = {}): Layer {
  const name = options.input ?? onlyInput(data);
  const found = data.inputs[name];
  if (!found)
    throw new PithError("data", `standardize: input "${name}", expected one of ${Object.keys(data.inputs).join(", ")}`);
  if (found.data instanceof BigInt64Array)
    throw new PithError("data", `standardize: input "${name}" is i64, expected f32`);
  const { mean, deviation } = statistics(found.data, found.type.shape.at(-1) ?? 1);
  return (x: Tensor) => standardizeOp(x, { mean, deviation, name: hint("standardize", options.name) });
}

function onlyInput(data: Dataset): string {
  const names = Object.keys(data.inputs);
  if (names.length === 1) return names[0]!;
  throw new PithError(
    "data",
    `standardize: a data set with inputs ${names.join(", ") || "none"}, expected one (say which: standardize(data, { input: "${names[0] ?? "x"}" }))`,
  );
}

/** Mean and population deviation of each channel, two passes in f64, rounded to f32; a constant channel keeps deviation 1. */
function statistics(
  data: ArrayLike<number>,
  channels: number,
): { mean: readonly number[]; deviation: readonly number[] } {
  const count = data.length / channels;
  if (count === 0) throw new PithError("data", "standardize: an empty data set, expected at least one sample");
  const mean = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) mean[i % channels]! += data[i]! / count;
  const variance = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) variance[i % channels]! += (data[i]! - mean[i % channels]!) ** 2 / count;
  return {
    mean: Array.from(mean, Math.fround),
    deviation: Array.from(variance, (v) => (v > 0 ? Math.fround(Math.sqrt(v)) : 1)),
  };
}
