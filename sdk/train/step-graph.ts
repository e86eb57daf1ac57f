/**
 * The training step as one static graph: augmentation, forward, loss, backward, optimizer, metrics. Its own inputs
 * have names that no model input can have: `$label`, `$sampleIds`, `$step`, `$rate`.
 */
import { elements, showShape, Tensor, type TypedArray } from "../../kernels/op.ts";
import type { Dataset } from "../data/dataset.ts";
import { PithError } from "../error.ts";
import { batched } from "../graph/batched.ts";
import { createGraph, type Graph, type Named, type Update } from "../graph/graph.ts";
import { inputLeaf } from "../graph/leaves.ts";
import { substitute } from "../graph/rewrite.ts";
import { verifyGraph } from "../graph/verify.ts";
import { gradients } from "./autodiff.ts";
import type { Feed, StepProgram } from "./backends/backend.ts";
import { trainingForm } from "./forms.ts";
import type { Recipe } from "./recipe.ts";

export const LABEL = "$label";
export const SAMPLE_IDS = "$sampleIds";
export const STEP = "$step";
export const RATE = "$rate";

/** Output 0 is the loss, the others are the metrics in the recipe's order. */
export function stepGraph(recipe: Recipe, seed: number): Graph {
  const { model, batch, augment, optimizer } = recipe;
  const label = inputLeaf(LABEL, { dtype: "i32", shape: [batch] });
  const sampleIds = inputLeaf(SAMPLE_IDS, { dtype: "i32", shape: [batch] });
  const step = inputLeaf(STEP, { dtype: "i32", shape: [1] });
  const rate = inputLeaf(RATE, { dtype: "f32", shape: [1] });

  const forward = batched(model.graph, batch);
  const inputs = byName(forward.inputs);
  const augmented: Readonly<Record<string, Tensor | undefined>> = augment?.(inputs) ?? {};
  const replaced = new Map(
    forward.inputs.flatMap(({ name, tensor }) =>
      augmented[name] ? [[tensor.node, checkedInput(name, tensor, augmented[name])] as const] : [],
    ),
  );
  const computed = substitute(forward, replaced);
  const training = trainingForm(createGraph({ inputs: forward.inputs, outputs: computed.outputs }), {
    sampleIds,
    step,
    seed,
  });

  const outputs = byName(training.outputs);
  const targets = { label, inputs: byName(training.inputs) };
  const loss = scalarOf("loss", recipe.loss(outputs, targets));
  const metrics = Object.entries(recipe.metrics ?? {}).map(
    ([name, metric]): Named => ({ name, tensor: scalarOf(`metric "${name}"`, metric(outputs, targets)) }),
  );

  const params = createGraph({ inputs: [], outputs: [{ name: "loss", tensor: loss }] })
    .nodes.filter((n) => n.op === "param")
    .map((n) => new Tensor(n));
  if (params.length === 0)
    throw new PithError(
      "graph",
      "train: the loss depends on no parameter, expected a model with layers (use its outputs in the loss)",
    );
  const grads = gradients(loss, params);
  const updates = params.flatMap((param, i): readonly Update[] =>
    grads[i] ? optimizer.update(param, grads[i], { rate, step }) : [],
  );
  const graph = createGraph({
    inputs: [
      ...training.inputs,
      ...[label, sampleIds, step, rate].map((tensor) => ({ name: tensor.node.name, tensor })),
    ],
    outputs: [{ name: "loss", tensor: loss }, ...metrics],
    updates: [...training.updates, ...updates],
  });
  verifyGraph(graph, "train");
  return graph;
}

const byName = (named: readonly Named[]): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(named.map(({ name, tensor }) => [name, tensor]));

function checkedInput(name: string, input: Tensor, augmented: Tensor): Tensor {
  if (showShape(input.shape) === showShape(augmented.shape)) return augmented;
  throw new PithError(
    "shape",
    `augment: "${name}" becomes ${showShape(augmented.shape)}, expected ${showShape(input.shape)} as before`,
  );
}

function scalarOf(what: string, value: Tensor): Tensor {
  if (elements(value.shape) === 1 && value.dtype === "f32") return value;
  throw new PithError(
    "shape",
    `${what}: ${value.dtype}${showShape(value.shape)}, expected one f32 value (take the mean over the batch)`,
  );
}

/** What the inputs of a step graph are fed with from a data set. */
export function stepFeeds(graph: Graph, data: Dataset): Readonly<Record<string, Feed>> {
  const feedOf = (name: string): Feed => {
    if (name === SAMPLE_IDS) return { kind: "sampleIds" };
    if (name === STEP) return { kind: "step" };
    if (name === RATE) return { kind: "series", row: 0 };
    return {
      kind: "gather",
      data: name === LABEL ? (data.labels ?? new Int32Array(data.length)) : bufferOf(data, name),
    };
  };
  return Object.fromEntries(graph.inputs.map(({ name }) => [name, feedOf(name)]));
}

function bufferOf(data: Dataset, name: string): TypedArray {
  const found = data.inputs[name];
  if (!found)
    throw new PithError("data", `data set: inputs are ${Object.keys(data.inputs).join(", ")}, expected "${name}"`);
  return found.data;
}

export const stepProgram = (recipe: Recipe, seed: number): StepProgram => {
  const graph = stepGraph(recipe, seed);
  return { graph, batch: recipe.batch, feeds: stepFeeds(graph, recipe.data.train) };
};
