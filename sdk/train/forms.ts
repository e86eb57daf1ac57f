/**
 * Training and inference forms of a graph. Keyed random operators (dropout, jitter, …: attributes `seed` and `stream`)
 * get their sample ids, step and keys; norms use the batch's statistics and update the running ones.
 */
import { add } from "../../kernels/add/add.ts";
import { batchNormTrain } from "../../kernels/batchNormTrain/batchNormTrain.ts";
import { scalar } from "../../kernels/constant.ts";
import { mul } from "../../kernels/mul/mul.ts";
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

/** Weight of the old value in a running average, where the statistic's state does not say. */
const MOMENTUM = 0.9;

export function trainingForm(graph: Graph, { sampleIds, step, seed }: TrainingInputs): Graph {
  /** New values of running statistics: a norm used twice averages twice. */
  const running = new Map<Tensor["node"], { readonly target: Tensor; readonly value: Tensor }>();
  const average = (target: Tensor, batch: Tensor): void => {
    const momentum = Number(target.node.attrs["momentum"] ?? MOMENTUM);
    const old = running.get(target.node)?.value ?? target;
    running.set(target.node, { target, value: add(mul(old, scalar(momentum)), mul(batch, scalar(1 - momentum))) });
  };
  const counts = new Map<string, number>();
  /** Augmentations have no names of their own: their operator and order stand for one. */
  const nameOf = (node: Node): string => {
    const count = (counts.get(node.op) ?? 0) + 1;
    counts.set(node.op, count);
    return node.name || `${node.op}#${count}`;
  };
  const formed = rewriteGraph(graph, (node, inputs) => {
    if (isKeyed(node)) {
      const name = nameOf(node);
      return [
        new Tensor(
          rebuild(node, [inputs[0]!, sampleIds, step], { name, attrs: { ...node.attrs, seed, stream: fnv1a(name) } }),
        ),
      ];
    }
    if (node.op !== "batchNorm") return undefined;
    const [x, gamma, beta, mean, variance] = inputs as readonly [Tensor, Tensor, Tensor, Tensor, Tensor];
    if (mean.node.op !== "state" || variance.node.op !== "state") return undefined; // frozen statistics stay as they are
    const [y, batchMean, batchVariance] = batchNormTrain(x, gamma, beta, {
      epsilon: Number(node.attrs["epsilon"]),
      name: node.name,
    });
    average(mean, batchMean);
    average(variance, batchVariance);
    return [y];
  });
  const updates: readonly Update[] = [...running.values()];
  return createGraph({ ...formed, updates: [...formed.updates, ...updates] });
}

/** Leaves out what only training does. Norms already use their running statistics. */
export const inferenceForm = (graph: Graph): Graph =>
  rewriteGraph(graph, (node, inputs) => (isKeyed(node) ? [inputs[0]!] : undefined));
