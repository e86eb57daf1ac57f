/**
 * batchNorm(conv(x, w, b)) → conv(x, w', b') with r = gamma / sqrt(variance + epsilon), w' = w * r,
 * b' = (b - mean) * r + beta, formed in f64 and rounded once to f32. Constants only; the convolution must have no
 * other reader and no activation.
 */
import type { Node, Tensor, TypedArray } from "../../../kernels/op.ts";
import { Tensor as TensorClass } from "../../../kernels/op.ts";
import type { Graph } from "../../graph/graph.ts";
import { constant } from "../../graph/leaves.ts";
import { definitionOf, isLeaf } from "../../graph/registry.ts";
import { rebuild, rewriteGraph } from "../../graph/rewrite.ts";
import { readersOf } from "./readers.ts";

export function foldBatchNorm(graph: Graph): Graph {
  const readers = readersOf(graph);
  return rewriteGraph(graph, (node, inputs) => {
    if (node.op !== "batchNorm") return undefined;
    const [x, ...statistics] = inputs;
    const conv = x!.node;
    const original = node.inputs[0]!;
    if (isLeaf(conv) || (readers.get(original.node) ?? 0) > 1 || statistics.some((t) => t.node.op !== "const"))
      return undefined;
    const { quantize } = definitionOf(conv.op);
    const weights = "output" in quantize ? quantize.weights : undefined;
    if (!weights || conv.attrs["activation"] !== "none" || conv.inputs[weights.input]?.node.op !== "const")
      return undefined;
    return [new TensorClass(foldInto(conv, weights, statistics, Number(node.attrs["epsilon"]), node.name))];
  });
}

function foldInto(
  conv: Node,
  rule: { input: number; axis: number; bias?: number },
  statistics: readonly Tensor[],
  epsilon: number,
  name: string,
): Node {
  const [gamma, beta, mean, variance] = statistics.map((t) =>
    Array.from(t.node.data as Exclude<TypedArray, BigInt64Array>),
  );
  const ratio = gamma!.map((g, c) => g / Math.sqrt(variance![c]! + epsilon));
  const w = conv.inputs[rule.input]!;
  const inner = w.shape.slice(rule.axis + 1).reduce((n, d) => n * d, 1);
  const channels = w.shape[rule.axis]!;
  const folded = Float32Array.from(w.node.data as Float32Array, (v, i) => v * ratio[Math.floor(i / inner) % channels]!);
  const oldBias = rule.bias === undefined ? undefined : conv.inputs[rule.bias];
  const bias = Float32Array.from(ratio, (r, c) => (Number(oldBias?.node.data?.[c] ?? 0) - mean![c]!) * r + beta![c]!);
  const inputs = [...conv.inputs];
  inputs[rule.input] = constant(folded, w.shape, { name: w.node.name });
  inputs[rule.bias ?? inputs.length] = constant(bias, [channels], { name: `${conv.name || name}/bias` });
  return rebuild(conv, inputs, { name: conv.name || name, types: conv.types });
}
