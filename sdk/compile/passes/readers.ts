import type { Node } from "../../../kernels/op.ts";
import type { Graph } from "../../graph/graph.ts";

/** How often each node is read: by nodes, outputs and updates. */
export function readersOf(graph: Graph): ReadonlyMap<Node, number> {
  const counts = new Map<Node, number>();
  const read = (node: Node): void => void counts.set(node, (counts.get(node) ?? 0) + 1);
  for (const node of graph.nodes) for (const t of node.inputs) read(t.node);
  for (const { tensor } of graph.outputs) read(tensor.node);
  for (const { value } of graph.updates) read(value.node);
  return counts;
}
