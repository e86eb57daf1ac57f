/** The operator registry: every export of kernels/ops.ts, in order of name. */

import { type Attrs, LEAVES, type Node, type OpDefinition } from "../../kernels/op.ts";
import * as ops from "../../kernels/ops.ts";
import { PithError } from "../error.ts";

export type OpName = keyof typeof ops;

export const definitions: ReadonlyMap<string, OpDefinition> = new Map(
  // Definitions differ in their attribute types; a node's attributes were made by its own definition.
  Object.values(ops)
    .map((op) => [op.definition.name, op.definition as OpDefinition<Attrs>] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

export const isLeaf = (node: Node): boolean => (LEAVES as readonly string[]).includes(node.op);

export function definitionOf(op: string): OpDefinition {
  const definition = definitions.get(op);
  if (!definition)
    throw new PithError(
      "graph",
      `operator "${op}": not in the registry, expected one of ${[...definitions.keys()].join(", ")}`,
    );
  return definition;
}
