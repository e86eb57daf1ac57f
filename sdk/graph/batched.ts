/** Re-inference of a graph at another batch size. */
import { Node, type Tensor, Tensor as TensorClass } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import type { Graph } from "./graph.ts";
import { rewriteGraph } from "./rewrite.ts";

/** The graph with `n` in dimension 0 of every input; fails naming the node that mixes that dimension. */
export function batched(graph: Graph, n: number): Graph {
  const inputs = new Set(graph.inputs.map((i) => i.tensor.node));
  return rewriteGraph(graph, (node, args): readonly Tensor[] | undefined => {
    if (inputs.has(node)) {
      const [type] = node.types;
      const shape = [n, ...type!.shape.slice(1)];
      return [
        new TensorClass(new Node({ op: node.op, types: [{ ...type!, shape }], name: node.name, attrs: node.attrs })),
      ];
    }
    if (node.op === "reshape" && args[0]!.shape[0] !== node.inputs[0]!.shape[0])
      return [reshapeBatched(node, args[0]!, n)];
    return undefined;
  });
}

function reshapeBatched(node: Node, x: Tensor, n: number): Tensor {
  const shape = node.types[0]!.shape;
  if (shape[0] !== 1)
    throw new PithError(
      "graph",
      `batched: reshape "${node.name}" to [${shape.join(",")}] mixes the batch dimension, expected 1 in dimension 0 (the graph runs at batch 1 only)`,
    );
  const target = [n, ...shape.slice(1)];
  return new TensorClass(
    new Node({
      op: node.op,
      inputs: [x],
      attrs: { ...node.attrs, shape: target },
      types: [{ ...node.types[0]!, shape: target }],
      name: node.name,
    }),
  );
}
