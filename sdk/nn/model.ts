/** Tracing: from a function of tensors to a model, typed by the names of its inputs and outputs. */
import type { AttrValue, DType, Tensor } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { createGraph } from "../graph/graph.ts";
import { inputLeaf } from "../graph/leaves.ts";
import { verifyGraph } from "../graph/verify.ts";
import { identifierOf, type Model } from "../model.ts";
import { nameGraph } from "./names.ts";

export interface InputSpec {
  readonly dtype: DType;
  /** Shape of one sample, without the batch dimension. */
  readonly shape: readonly number[];
  readonly unit?: string;
}

/** Declares an input: `input("f32", [200, 3], { unit: "g" })`. */
export function input(dtype: DType, shape: readonly number[], options: { unit?: string } = {}): InputSpec {
  const bad = shape.find((d) => !Number.isInteger(d) || d < 1);
  if (bad !== undefined)
    throw new PithError(
      "shape",
      `input: dimension ${bad} in [${shape.join(",")}], expected positive integers (leave the batch out)`,
    );
  return options.unit === undefined ? { dtype, shape } : { dtype, shape, unit: options.unit };
}

/** A model whose parameters have no values yet: what training starts from. */
export interface TracedModel<I extends string = string, O extends string = string> extends Model {
  readonly inputs: Readonly<Record<I, InputSpec>>;
  readonly outputNames: readonly O[];
}

/**
 * Traces `forward` once, at batch 1. Throws when it returns no tensors or uses a name twice.
 * `labels` are the class names of the output, in index order.
 */
export function model<
  const Inputs extends Readonly<Record<string, InputSpec>>,
  const Outputs extends Readonly<Record<string, Tensor>>,
>(
  inputs: Inputs,
  forward: (inputs: { readonly [K in keyof Inputs]: Tensor }) => Outputs,
  options: { labels?: readonly string[] | undefined; name?: string } = {},
): TracedModel<keyof Inputs & string, keyof Outputs & string> {
  const entries: readonly (readonly [string, InputSpec])[] = Object.entries(inputs);
  const leaves = entries.map(([name, { dtype, shape, unit }]) => {
    const meta: Record<string, AttrValue> = unit === undefined ? {} : { unit };
    return [name, inputLeaf(name, { dtype, shape: [1, ...shape] }, meta)] as const;
  });
  // Object.fromEntries loses the keys, which are those of `inputs`.
  const outputs: Readonly<Record<string, Tensor>> = forward(
    Object.fromEntries(leaves) as { readonly [K in keyof Inputs]: Tensor },
  );
  const named = Object.entries(outputs).map(([name, tensor]) => ({ name, tensor }));
  if (named.length === 0)
    throw new PithError(
      "graph",
      "model: the function returned no outputs, expected an object of tensors such as { logits }",
    );
  const graph = nameGraph(createGraph({ inputs: leaves.map(([name, tensor]) => ({ name, tensor })), outputs: named }));
  verifyGraph(graph, "model");
  return {
    name: identifierOf(options.name ?? "model"),
    graph,
    labels: options.labels,
    inputs,
    outputNames: named.map((o) => o.name as keyof Outputs & string),
  };
}
