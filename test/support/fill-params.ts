import { Node, Tensor } from "../../kernels/op.ts";
import type { Graph } from "../../sdk/graph/graph.ts";
import { rewriteGraph } from "../../sdk/graph/rewrite.ts";

/** The graph with the values of its parameters, by name. */
export const fillParams = (graph: Graph, values: Readonly<Record<string, ArrayLike<number>>>): Graph =>
  rewriteGraph(graph, (node) => {
    if (node.op !== "param") return undefined;
    const { op, types, attrs, name } = node;
    return [new Tensor(new Node({ op, types, attrs, name, data: Float32Array.from(values[name]!) }))];
  });
