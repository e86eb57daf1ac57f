/**
 * Reverse-mode differentiation as a graph transform: no tape, no eager values. Every node's gradient comes from its
 * operator's definition; where a tensor has several readers their gradients are added in graph order.
 */
import { add } from "../../kernels/add/add.ts";
import { elements, type Node, showShape, Tensor } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { topologicalOrder } from "../graph/graph.ts";
import { constant } from "../graph/leaves.ts";
import { definitionOf, isLeaf } from "../graph/registry.ts";

/**
 * The gradient of a scalar with respect to leaves, in their order. A leaf that the scalar does not depend on gives
 * undefined. Throws when an operator on the way is not differentiable.
 */
export function gradients(scalar: Tensor, leaves: readonly Tensor[]): readonly (Tensor | undefined)[] {
  if (elements(scalar.shape) !== 1)
    throw new PithError(
      "graph",
      `gradient: of a tensor of shape ${showShape(scalar.shape)}, expected one value (take its mean)`,
    );
  const order = topologicalOrder([scalar.node]);
  const active = dependents(order, new Set(leaves.map((t) => t.node)));
  const grads = new Map<Node, (Tensor | undefined)[]>();
  const accumulate = (t: Tensor, grad: Tensor): void => {
    const list = grads.get(t.node) ?? t.node.types.map(() => undefined);
    const sum = list[t.index];
    list[t.index] = sum ? add(sum, grad) : grad;
    grads.set(t.node, list);
  };
  accumulate(scalar, constant(Float32Array.of(1), scalar.shape, { name: "gradient of the loss" }));
  for (const node of order.toReversed()) {
    const outGrads = grads.get(node);
    if (!outGrads || isLeaf(node) || !active.has(node)) continue;
    backward(node, outGrads).forEach((grad, i) => {
      const input = node.inputs[i]!;
      if (grad && active.has(input.node)) accumulate(input, checked(node, input, grad));
    });
  }
  return leaves.map((t) => grads.get(t.node)?.[t.index]);
}

/** Nodes that depend on any of the leaves, and the leaves. */
function dependents(order: readonly Node[], leaves: ReadonlySet<Node>): ReadonlySet<Node> {
  const active = new Set<Node>();
  for (const node of order) if (leaves.has(node) || node.inputs.some((t) => active.has(t.node))) active.add(node);
  return active;
}

function backward(node: Node, outGrads: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[] {
  const { gradient } = definitionOf(node.op);
  if (!gradient)
    throw new PithError(
      "graph",
      `gradient: ${node.op} "${node.name}" is not differentiable, expected operators that are between the parameters and the loss (wrap it in customGradient or leave it out of the loss)`,
    );
  const outputs = node.types.map((_, i) => new Tensor(node, i));
  return gradient({ inputs: node.inputs, outputs, outGrads, attrs: node.attrs });
}

function checked(node: Node, input: Tensor, grad: Tensor): Tensor {
  const same = grad.shape.length === input.shape.length && grad.shape.every((d, i) => d === input.shape[i]);
  if (!same)
    throw new PithError(
      "internal",
      `gradient: ${node.op} "${node.name}" gives ${showShape(grad.shape)}, expected ${showShape(input.shape)}`,
    );
  return grad;
}
