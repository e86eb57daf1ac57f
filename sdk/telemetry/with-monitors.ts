/**
 * The monitor pass: adds integer monitor operators to a quantized graph. They compile like any other, so the host
 * replays them bit for bit and their cost is in the report.
 */

import { classCounts } from "../../kernels/classCounts/classCounts.ts";
import { CONFIDENCE_BINS, confidenceHistogram } from "../../kernels/confidenceHistogram/confidenceHistogram.ts";
import { featureCodes, featureHistogram, stepsAndChannels } from "../../kernels/featureHistogram/featureHistogram.ts";
import { Node, Tensor, type TypedArray } from "../../kernels/op.ts";
import { compilePortable } from "../compile/portable.ts";
import { PithError } from "../error.ts";
import { createGraph, type Graph, type Update } from "../graph/graph.ts";
import { state } from "../graph/leaves.ts";
import { definitionOf } from "../graph/registry.ts";
import { verifyGraph } from "../graph/verify.ts";
import type { Model } from "../model.ts";
import { loadModule } from "../runtime/module.ts";
import { quantizeValues } from "../runtime/quantize-values.ts";
import { quantileEdges } from "./bins.ts";
import { LAYOUT_VERSION, type Monitor, type MonitorLayout } from "./layout.ts";

export type References = Iterable<Readonly<Record<string, TypedArray>>>;

export interface MonitorOptions {
  /** Inputs like those the model will meet, in their natural order, f32 or codes by input name. */
  readonly reference: References;
  /** At most one false alarm in this many inferences, over all monitors together; 10 000 by default. */
  readonly falseAlarmEvery?: number;
}

const FEATURE_BINS = 8;

/**
 * Adds a feature histogram for every int8 input, and confidence and class histograms where an output is one score a
 * class. The reference counts come from running the finished monitors over `reference`.
 */
export async function addMonitors(model: Model, options: MonitorOptions): Promise<Model> {
  const samples = [...options.reference].map((s) => encodeSample(model.graph, s));
  if (samples.length === 0)
    throw new PithError("data", "monitors: no reference samples, expected some that look like the field's");
  const draft: { monitor: Omit<Monitor, "offsetWords" | "reference">; update: Update }[] = [];
  for (const { name, tensor } of model.graph.inputs)
    draft.push(
      featureMonitor(
        name,
        tensor,
        samples.map((s) => s[name]!),
      ),
    );
  const scores = scoresOf(model);
  if (scores) draft.push(confidenceMonitor(scores), classMonitor(scores, model.labels));
  const graph = createGraph({
    inputs: model.graph.inputs,
    outputs: model.graph.outputs,
    updates: [...model.graph.updates, ...draft.map((d) => d.update)],
  });
  verifyGraph(graph, "monitors");
  const { wasm, plan } = await compilePortable(graph, { name: "monitors" });
  const module = await loadModule(wasm);
  for (const sample of samples) module.infer(sample);
  const counts = module.monitors();
  let offsetWords = 0;
  const monitors = draft.map(({ monitor }): Monitor => {
    const words = monitor.features.length * monitor.bins;
    const placed = {
      ...monitor,
      offsetWords,
      reference: Array.from(counts.subarray(offsetWords, offsetWords + words)),
    };
    offsetWords += words;
    return placed;
  });
  if (offsetWords * 4 !== plan.monitors.bytes)
    throw new PithError("internal", `monitors: layout has ${offsetWords} words, the plan ${plan.monitors.bytes / 4}`);
  const layout: MonitorLayout = {
    version: LAYOUT_VERSION,
    words: offsetWords,
    samples: samples.length,
    falseAlarmEvery: options.falseAlarmEvery ?? 10_000,
    monitors,
  };
  return { ...model, graph, monitorLayout: layout };
}

function encodeSample(graph: Graph, sample: Readonly<Record<string, TypedArray>>): Record<string, TypedArray> {
  return Object.fromEntries(
    graph.inputs.map(({ name, tensor }) => {
      const { dtype, shape, quant } = tensor.type;
      const value = sample[name];
      if (dtype !== "i8" || !quant)
        throw new PithError(
          "unsupported",
          `monitors: input "${name}" is ${dtype}, expected int8 (quantize the model first)`,
        );
      if (!value || value instanceof BigInt64Array)
        throw new PithError(
          "data",
          `monitors: reference sample has no "${name}", expected ${dtype}[${shape.join(",")}]`,
        );
      return [name, value instanceof Int8Array ? value : quantizeValues(value, shape, quant)];
    }),
  );
}

const counter = (name: string, shape: readonly number[]): Tensor => {
  const { node } = state(name, shape, { dtype: "i32" });
  return new Tensor(new Node({ op: "state", types: node.types, name, attrs: { ...node.attrs, monitor: true } }));
};

function named(value: Tensor, name: string): Tensor {
  const { node } = value;
  return new Tensor(new Node({ op: node.op, inputs: node.inputs, attrs: node.attrs, types: node.types, name }));
}

function featureMonitor(
  name: string,
  x: Tensor,
  samples: readonly TypedArray[],
): { monitor: Omit<Monitor, "offsetWords" | "reference">; update: Update } {
  const [steps, channels] = stepsAndChannels(x.shape);
  const rows = samples.map((s) => featureCodes(s as Int8Array, x.shape));
  const channelNames = Array.from({ length: channels }, (_, c) => `${name}[${c}]`);
  const features =
    steps > 1 ? [...channelNames.map((c) => `${c} mean`), ...channelNames.map((c) => `${c} span`)] : channelNames;
  const edges = features.map((_, f) =>
    quantileEdges(
      rows.map((r) => r[f]!),
      FEATURE_BINS,
    ),
  );
  const target = counter(`monitor/${name}`, [features.length, FEATURE_BINS]);
  const value = named(featureHistogram(x, target, { edges: edges.flat() }), `monitor/${name}`);
  return { monitor: { name, kind: "feature", bins: FEATURE_BINS, features, edges }, update: { target, value } };
}

/** The output with one score a class, as softmax codes and as raw scores. */
function scoresOf(model: Model): { probabilities: Tensor; scores: Tensor } | undefined {
  const classes = model.labels?.length;
  const output = model.graph.outputs.find(
    ({ tensor }) =>
      tensor.dtype === "i8" && tensor.shape.length === 2 && (classes === undefined || tensor.shape[1] === classes),
  );
  if (!output || output.tensor.shape[1]! < 2 || classes === undefined) return undefined;
  const { tensor } = output;
  if (tensor.node.op === "softmax") return { probabilities: tensor, scores: tensor };
  const softmax = new Node({
    op: "softmax",
    inputs: [tensor],
    attrs: definitionOf("softmax").attrs,
    types: [{ dtype: "i8", shape: tensor.shape, quant: { scale: [1 / 256], zeroPoint: [-128] } }],
    name: "monitor/softmax",
  });
  return { probabilities: new Tensor(softmax), scores: tensor };
}

function confidenceMonitor({ probabilities }: { probabilities: Tensor }): {
  monitor: Omit<Monitor, "offsetWords" | "reference">;
  update: Update;
} {
  const target = counter("monitor/confidence", [CONFIDENCE_BINS]);
  const value = named(confidenceHistogram(probabilities, target), "monitor/confidence");
  return {
    monitor: { name: "confidence", kind: "confidence", bins: CONFIDENCE_BINS, features: ["confidence"], edges: [] },
    update: { target, value },
  };
}

function classMonitor(
  { scores }: { scores: Tensor },
  labels: readonly string[] | undefined,
): { monitor: Omit<Monitor, "offsetWords" | "reference">; update: Update } {
  const classes = scores.shape[1]!;
  const target = counter("monitor/classes", [classes]);
  const value = named(classCounts(scores, target), "monitor/classes");
  return {
    monitor: {
      name: "classes",
      kind: "classes",
      bins: classes,
      features: ["class"],
      edges: [],
      ...(labels ? { labels } : {}),
    },
    update: { target, value },
  };
}
