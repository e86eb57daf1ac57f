/** Rebuilding graphs: the one traversal that passes share. */
import { Node, Tensor, type TensorType } from "../../kernels/op.ts";
import { createGraph, type Graph, type Named } from "./graph.ts";
import { definitionOf, isLeaf } from "./registry.ts";
import { sameShape } from "./same-type.ts";

/**
 * Replaces nodes bottom-up. `visit` gets a node and its already rewritten inputs and returns the tensors that stand
 * for its outputs, or undefined to keep the node (re-inferred when an input's type changed, unless it is quantized).
 */
export function rewriteGraph(
  graph: Graph,
  visit: (node: Node, inputs: readonly Tensor[]) => readonly Tensor[] | undefined,
): Graph {
  const replaced = new Map<Node, readonly Tensor[]>();
  const resolve = (t: Tensor): Tensor => replaced.get(t.node)?.[t.index] ?? t;
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(resolve);
    const out = visit(node, inputs) ?? keep(node, inputs);
    if (out.some((t, i) => t.node !== node || t.index !== i)) replaced.set(node, out);
  }
  const named = ({ name, tensor }: Named): Named => ({ name, tensor: resolve(tensor) });
  return createGraph({
    inputs: graph.inputs.map(named),
    outputs: graph.outputs.map(named),
    updates: graph.updates.map(({ target, value }) => ({ target: resolve(target), value: resolve(value) })),
  });
}

function keep(node: Node, inputs: readonly Tensor[]): readonly Tensor[] {
  const same = inputs.every((t, i) => t === node.inputs[i]);
  const kept = same ? node : rebuild(node, inputs);
  return node.types.map((_, i) => new Tensor(kept, i));
}

/** Quantization aside: it changes no inferred type but its own. */
const sameArray = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** The node over other inputs; types are inferred again where an input's type changed. */
export function rebuild(
  node: Node,
  inputs: readonly Tensor[],
  fields: { name?: string; attrs?: Node["attrs"]; types?: readonly TensorType[] } = {},
): Node {
  const attrs = fields.attrs ?? node.attrs;
  const changed =
    fields.attrs !== undefined ||
    inputs.length !== node.inputs.length ||
    inputs.some((t, i) => !sameArray(t.type, node.inputs[i]!.type));
  const types =
    fields.types ??
    (changed && !isLeaf(node)
      ? definitionOf(node.op).infer(
          inputs.map((t) => t.type),
          attrs,
        )
      : node.types);
  return new Node({ op: node.op, inputs, attrs, types, name: fields.name ?? node.name, data: node.data });
}

/** Replaces leaves (inputs by other tensors, states by constants); everything above is rebuilt. */
export const substitute = (graph: Graph, leaves: ReadonlyMap<Node, Tensor>): Graph =>
  rewriteGraph(graph, (node) => {
    const tensor = leaves.get(node);
    return tensor && [tensor];
  });
