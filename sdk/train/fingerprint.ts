/** Hashes that decide whether two trainings are the same one. */
import { createHash } from "node:crypto";
import type { TypedArray } from "../../kernels/op.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Graph } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { kernelVersion, version } from "../version.ts";
import type { Backend } from "./backends/backend.ts";
import type { Recipe } from "./recipe.ts";

const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** SHA-256 of a data set's values, labels and names. */
export function datasetHash({ inputs, labels, classes }: Dataset): string {
  const hash = createHash("sha256").update(JSON.stringify(classes ?? null));
  for (const [name, { type, data }] of Object.entries(inputs))
    hash.update(JSON.stringify([name, type.dtype, type.shape])).update(bytesOf(data));
  if (labels) hash.update(bytesOf(labels));
  return hash.digest("hex");
}

/** The text of a graph with the bytes of its constants, which the printer leaves out. */
export function graphHash(graph: Graph): string {
  const hash = createHash("sha256").update(printGraph(graph));
  for (const node of graph.nodes) if (node.data) hash.update(bytesOf(node.data));
  return hash.digest("hex");
}

/** What a recipe says besides its graph and data. */
export const recipeFacts = (recipe: Recipe): Readonly<Record<string, unknown>> => ({
  optimizer: { name: recipe.optimizer.name, rate: recipe.optimizer.rate, ...recipe.optimizer.settings },
  // A schedule is a function: its values are what it is.
  schedule: recipe.schedule
    ? [0, 0.25, 0.5, 0.75, 1].map((t) => recipe.schedule?.(Math.round(t * 1000), 1000))
    : "constant",
  epochs: recipe.epochs,
  batch: recipe.batch,
  earlyStopping: recipe.earlyStopping ?? null,
  metrics: Object.keys(recipe.metrics ?? {}),
});

export function trainingFingerprint(stepGraph: Graph, recipe: Recipe, seed: number, backend: Backend): string {
  const { train, validation } = recipe.data;
  const facts = {
    graph: graphHash(stepGraph),
    recipe: recipeFacts(recipe),
    data: [datasetHash(train), validation ? datasetHash(validation) : null],
    seed,
    backend: [backend.name, backend.isa],
    version: [version, kernelVersion],
  };
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}
