/**
 * Training and inference forms of a graph. Keyed random operators (dropout, jitter, …: attributes `seed` and `stream`)
 * get their sample ids, step and keys; norms use the batch's statistics and update the running ones.
 */
import { type Node, Tensor } from "../../kernels/op.ts";
import { createGraph, type Graph, type Update } from "../graph/graph.ts";
import { rebuild, rewriteGraph } from "../graph/rewrite.ts";
import { fnv1a } from "./random.ts";

export interface TrainingInputs {
  /** i32 [batch]. */
  readonly sampleIds: Tensor;
  /** i32 [1]. */
  readonly step: Tensor;
  readonly seed: number;
}

const isKeyed = (node: Node): boolean => "seed" in node.attrs && "stream" in node.attrs;

export function trainingForm(graph: Graph, { sampleIds, step, seed }: TrainingInputs): Graph {
  const updates: Update[] = [];
  const counts = new Map<string, number>();
  /** Augmentations have no names of their own: their operator and order stand for one. */
  const nameOf = (node: Node): string => {
    const count = (counts.get(node.op) ?? 0) + 1;
    counts.set(node.op, count);
    return node.name || `${node.op}#${count}`;
  };
  const formed = rewriteGraph(graph, (node, inputs) => {
    if (!isKeyed(node)) return undefined;
    const name = nameOf(node);
    return [
      new Tensor(
        rebuild(node, [inputs[0]!, sampleIds, step], { name, attrs: { ...node.attrs, seed, stream: fnv1a(name) } }),
      ),
    ];
  });
  return createGraph({ ...formed, updates: [...formed.updates, ...updates] });
}

/** Leaves out what only training does. Norms already use their running statistics. */
export const inferenceForm = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, inputs) => (isKeyed(node) ? [inputs[0]!] : undefined));
