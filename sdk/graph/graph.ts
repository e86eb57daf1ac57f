/**
 * The graph: data, never mutated. `nodes` are in topological order (inputs of a node come before it) and
 * deterministic: depth-first from outputs, then updates. Reads of a state or param see its value at the start of a
 * call; `updates` commit at its end.
 */
import type { Node, Tensor } from "../../kernels/op.ts";

export interface Named {
  readonly name: string;
  readonly tensor: Tensor;
}

/** `target` is a param or state leaf; `value` has its type. */
export interface Update {
  readonly target: Tensor;
  readonly value: Tensor;
}

export interface Graph {
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
  readonly updates: readonly Update[];
  readonly nodes: readonly Node[];
}

export function createGraph(fields: {
  inputs: readonly Named[];
  outputs: readonly Named[];
  updates?: readonly Update[];
}): Graph {
  const updates = fields.updates ?? [];
  const roots = [
    ...fields.inputs.map((i) => i.tensor.node),
    ...fields.outputs.map((o) => o.tensor.node),
    ...updates.flatMap((u) => [u.target.node, u.value.node]),
  ];
  return { inputs: fields.inputs, outputs: fields.outputs, updates, nodes: topologicalOrder(roots) };
}

/** Iterative: a deep graph must not overflow the JavaScript stack. */
export function topologicalOrder(roots: readonly Node[]): readonly Node[] {
  const done = new Set<Node>();
  const order: Node[] = [];
  for (const root of roots) {
    const stack: { node: Node; next: number }[] = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      if (done.has(top.node)) {
        stack.pop();
        continue;
      }
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        done.add(top.node);
        order.push(top.node);
        stack.pop();
      } else if (!done.has(input.node)) stack.push({ node: input.node, next: 0 });
    }
  }
  return order;
}
