/** Order of steps, how long each value lives, and which updates may be made in place. */
import type { Node, Tensor } from "../../kernels/op.ts";
import type { Graph } from "../graph/graph.ts";
import type { Call } from "./lower-node.ts";

/**
 * Topological order with the nodes that only feed updates moved to the end, so that a state can be updated in
 * place after its last reader.
 */
export function schedule(graph: Graph): readonly Node[] {
  const readers = new Map<Node, number>();
  for (const node of graph.nodes) for (const t of node.inputs) readers.set(t.node, (readers.get(t.node) ?? 0) + 1);
  const outputs = new Set(graph.outputs.map((o) => o.tensor.node));
  const values = new Set(graph.updates.map((u) => u.value.node));
  const last = (n: Node): boolean => values.has(n) && !outputs.has(n) && !readers.has(n);
  return [...graph.nodes.filter((n) => !last(n)), ...graph.nodes.filter(last)];
}

/** For every node output, the last step that reads it; graph outputs and copied updates live past the end. */
export function lastUses(
  graph: Graph,
  calls: readonly Call[],
  stepOf: ReadonlyMap<Node, number>,
  end: number,
): Map<Node, number[]> {
  const uses = new Map<Node, number[]>();
  const use = (t: Tensor, at: number): void => {
    const list = uses.get(t.node) ?? t.node.types.map(() => -1);
    list[t.index] = Math.max(list[t.index]!, at);
    uses.set(t.node, list);
  };
  for (const { tensor } of graph.outputs) use(tensor, end);
  for (const { value } of graph.updates) use(value, end);
  // Backwards, so that a view's readers are known before its input is asked.
  for (let i = calls.length - 1; i >= 0; i--) {
    const { node } = calls[i]!;
    const at = stepOf.get(node) ?? Math.max(...(uses.get(node) ?? [-1]));
    for (const t of node.inputs) use(t, at);
  }
  return uses;
}

/** Updates whose operator may write straight into the state: no other step reads the old value later. */
export function inPlaceUpdates(
  graph: Graph,
  calls: readonly Call[],
  lastUse: ReadonlyMap<Node, number[]>,
  stepOf: ReadonlyMap<Node, number>,
): ReadonlyMap<Node, Tensor> {
  const found = new Map<Node, Tensor>();
  const byNode = new Map(calls.map((c) => [c.node, c]));
  for (const { target, value } of graph.updates) {
    const call = byNode.get(value.node);
    const aliased = call?.lowered.alias?.some(
      ([out, input]) => out === value.index && value.node.inputs[input]?.node === target.node,
    );
    if (
      aliased &&
      lastUse.get(target.node)?.[0] === stepOf.get(value.node) &&
      !graph.outputs.some((o) => o.tensor.node === value.node)
    )
      found.set(target.node, value);
  }
  return found;
}
