/** Params, and states that nothing updates, become constants. */
import { elements, Node, Tensor } from "../../../kernels/op.ts";
import { PithError } from "../../error.ts";
import type { Graph } from "../../graph/graph.ts";
import { rewriteGraph } from "../../graph/rewrite.ts";

export function freeze(graph: Graph): Graph {
  const updated = new Set(graph.updates.map((u) => u.target.node));
  return rewriteGraph(graph, (node) => {
    if ((node.op !== "param" && node.op !== "state") || updated.has(node)) return undefined;
    const [type] = node.types;
    const data = node.data ?? filled(node, elements(type!.shape));
    return [new Tensor(new Node({ op: "const", types: node.types, name: node.name, data }))];
  });
}

function filled(node: Node, length: number): Float32Array {
  const { init } = node.attrs;
  if (init === "zeros" || init === "ones") return new Float32Array(length).fill(init === "ones" ? 1 : 0);
  throw new PithError(
    "graph",
    `freeze: ${node.op} "${node.name}" has no value, expected a trained model (train it first)`,
  );
}
