/**
 * Names of a traced graph. Layers leave hints ("?conv1d"), users give names, operators have none; this pass makes
 * them unique in graph order (conv1d, conv1d_2, …) and names parameters after the node that reads them first
 * ("head/weights").
 */
import { Node, Tensor } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { createGraph, type Graph, type Named } from "../graph/graph.ts";

const HINT = "?";
/** A provisional name: what kind of layer made the node. */
export const hint = (kind: string, name: string | undefined): string => name ?? `${HINT}${kind}`;

export function nameGraph(graph: Graph): Graph {
  const taken = new Set<string>(graph.inputs.map((i) => i.name));
  const explicit = new Map<string, Node>();
  for (const node of graph.nodes) {
    if (node.op === "input" || node.op === "const" || node.name === "" || node.name.startsWith(HINT)) continue;
    if (taken.has(node.name) && explicit.get(node.name) !== node)
      throw new PithError("graph", `model: two nodes are named "${node.name}", expected distinct names (rename one)`);
    explicit.set(node.name, node);
    taken.add(node.name);
  }
  const unique = (base: string): string => {
    for (let i = 1; ; i++) {
      const name = i === 1 ? base : `${base}_${i}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
  const nameOf = new Map<Node, string>();
  for (const node of graph.nodes) {
    if (node.inputs.length === 0) continue;
    const kind = node.name.startsWith(HINT) ? node.name.slice(HINT.length) : node.op;
    const name = explicit.has(node.name) ? node.name : unique(kind);
    nameOf.set(node, name);
    for (const { node: leaf } of node.inputs)
      if (!nameOf.has(leaf) && (leaf.op === "param" || leaf.op === "state") && leaf.name.startsWith(HINT))
        nameOf.set(leaf, unique(`${name}/${leaf.name.slice(HINT.length)}`));
  }
  return renamed(graph, nameOf);
}

function renamed(graph: Graph, nameOf: ReadonlyMap<Node, string>): Graph {
  const made = new Map<Node, Node>();
  const resolve = (t: Tensor): Tensor => new Tensor(made.get(t.node)!, t.index);
  for (const node of graph.nodes) {
    const { op, attrs, types, data } = node;
    made.set(
      node,
      new Node({ op, attrs, types, data, inputs: node.inputs.map(resolve), name: nameOf.get(node) ?? node.name }),
    );
  }
  const named = ({ name, tensor }: Named): Named => ({ name, tensor: resolve(tensor) });
  return createGraph({
    inputs: graph.inputs.map(named),
    outputs: graph.outputs.map(named),
    updates: graph.updates.map(({ target, value }) => ({ target: resolve(target), value: resolve(value) })),
  });
}
