/**
 * Evaluation of a whole data set: the backend computes the model's outputs batch by batch (the last one padded, the
 * padding dropped), then loss and metrics of all samples at once are computed by the f64 interpreter.
 */
import type { Tensor } from "../../kernels/op.ts";
import type { Dataset } from "../data/dataset.ts";
import { PithError } from "../error.ts";
import { batched } from "../graph/batched.ts";
import { createGraph, type Graph } from "../graph/graph.ts";
import { interpret } from "../graph/interpret.ts";
import { inputLeaf } from "../graph/leaves.ts";
import type { Backend, Session, StateValues } from "./backends/backend.ts";
import { inferenceForm } from "./forms.ts";
import type { Recipe } from "./recipe.ts";
import { LABEL, stepFeeds } from "./step-graph.ts";

export interface Scores {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Computes the outputs of `graph` for every sample. `open` once, `run` with the values of the moment. */
export interface Evaluator {
  run(values: StateValues): Promise<Readonly<Record<string, Float64Array>>>;
  close(): void;
}

export async function openEvaluator(graph: Graph, data: Dataset, backend: Backend, batch: number): Promise<Evaluator> {
  const size = Math.max(1, Math.min(batch, data.length));
  const program = batched(inferenceForm(graph), size);
  const session: Session = await backend.open({ graph: program, batch: size, feeds: stepFeeds(program, data) });
  const steps = Math.ceil(data.length / size);
  const indices = Int32Array.from({ length: steps * size }, (_, i) => Math.min(i, data.length - 1));
  const widths = program.outputs.map(({ tensor }) => tensor.shape.reduce((n, d) => n * d, 1));
  const width = widths.reduce((a, b) => a + b, 0);
  return {
    async run(values) {
      session.writeState(values);
      const result = await session.run({ steps, firstStep: 1, indices });
      return Object.fromEntries(
        program.outputs.map(({ name }, o) => {
          const start = widths.slice(0, o).reduce((a, b) => a + b, 0);
          const each = widths[o]! / size;
          const out = new Float64Array(data.length * each);
          for (let k = 0; k < steps; k++) {
            const rows = Math.min(size, data.length - k * size);
            out.set(result.values.subarray(k * width + start, k * width + start + rows * each), k * size * each);
          }
          return [name, out];
        }),
      );
    },
    close: () => session.close(),
  };
}

/** Loss and metrics of all samples, given the model's outputs for them. */
export function scoresOf(
  recipe: Pick<Recipe, "model" | "loss" | "metrics">,
  data: Dataset,
  outputs: Readonly<Record<string, Float64Array>>,
): Scores {
  const n = data.length;
  if (n === 0) throw new PithError("data", "evaluate: the data set is empty, expected at least one sample");
  const leaf = (name: string, t: Tensor): Tensor =>
    inputLeaf(name, { dtype: t.dtype, shape: [n, ...t.shape.slice(1)] });
  const outputLeaves = Object.fromEntries(
    recipe.model.graph.outputs.map(({ name, tensor }) => [name, leaf(`$output/${name}`, tensor)]),
  );
  const inputLeaves = Object.fromEntries(
    recipe.model.graph.inputs.map(({ name, tensor }) => [name, leaf(name, tensor)]),
  );
  const targets = { label: inputLeaf(LABEL, { dtype: "i32", shape: [n] }), inputs: inputLeaves };
  const metrics = Object.entries(recipe.metrics ?? {}).map(([name, metric]) => ({
    name: `metric/${name}`,
    tensor: metric(outputLeaves, targets),
  }));
  const graph = createGraph({
    inputs: [],
    outputs: [{ name: "loss", tensor: recipe.loss(outputLeaves, targets) }, ...metrics],
  });
  const feeds: Record<string, ArrayLike<number>> = { [LABEL]: data.labels ?? new Int32Array(n) };
  for (const [name, values] of Object.entries(outputs)) feeds[`$output/${name}`] = values;
  for (const [name, { data: values }] of Object.entries(data.inputs))
    if (!(values instanceof BigInt64Array)) feeds[name] = values;
  const computed = interpret(graph, feeds).outputs;
  const scalar = (name: string): number => computed[name]!.data[0]!;
  return {
    loss: scalar("loss"),
    metrics: Object.fromEntries(Object.keys(recipe.metrics ?? {}).map((name) => [name, scalar(`metric/${name}`)])),
  };
}
