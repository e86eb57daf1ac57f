/** The graph verifier: one table of rules, run after every pass in tests and before every compilation. */
import { elements, type Node, showType, type TensorType } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import type { Graph } from "./graph.ts";
import { definitionOf, isLeaf } from "./registry.ts";
import { sameShape } from "./same-type.ts";

type Rule = readonly [name: string, broken: (node: Node, graph: Graph) => string | undefined];

const RULES: readonly Rule[] = [
  ["operator is registered", (n) => void (isLeaf(n) || definitionOf(n.op))],
  [
    "types are what the operator infers",
    (n) => {
      if (isLeaf(n)) return undefined;
      const inferred = inferredTypes(n);
      if (typeof inferred === "string") return inferred;
      const differs =
        inferred.length !== n.types.length ||
        inferred.some((t, i) => t.dtype !== n.types[i]!.dtype || !sameShape(t.shape, n.types[i]!.shape));
      return differs
        ? `types are ${n.types.map(showType).join(" ")}, expected ${inferred.map(showType).join(" ")}`
        : undefined;
    },
  ],
  [
    "dimensions are positive integers",
    (n) => {
      const bad = n.types.find((t) => t.shape.some((d) => !Number.isInteger(d) || d < 0));
      return bad && `type ${showType(bad)}, expected whole dimensions`;
    },
  ],
  [
    "constants carry their data",
    (n) => {
      if (n.op !== "const") return undefined;
      const want = elements(n.types[0]!.shape);
      return n.data?.length === want
        ? undefined
        : `${n.data?.length ?? 0} values, expected ${want} for ${showType(n.types[0]!)}`;
    },
  ],
  [
    "quantization fits its tensor",
    (n) => {
      for (const { quant, shape } of n.types) {
        if (!quant) continue;
        const want = quant.axis === undefined ? 1 : shape[quant.axis];
        if (quant.scale.length !== want || quant.zeroPoint.length !== want)
          return `${quant.scale.length} scales and ${quant.zeroPoint.length} zero points, expected ${want}`;
        if (quant.scale.some((s) => !(s > 0) || !Number.isFinite(s) || Math.fround(s) !== s))
          return "a scale that is no positive f32, expected one";
        if (quant.zeroPoint.some((z) => !Number.isInteger(z))) return "a zero point that is no integer, expected one";
      }
      return undefined;
    },
  ],
];

/** What the operator infers, or why it refuses its own node. */
function inferredTypes(n: Node): readonly TensorType[] | string {
  try {
    return definitionOf(n.op).infer(
      n.inputs.map((t) => t.type),
      n.attrs,
    );
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Throws naming the first broken rule and its node. */
export function verifyGraph(graph: Graph, after = "graph"): void {
  for (const node of graph.nodes)
    for (const [name, broken] of RULES) {
      const why = broken(node, graph);
      if (why) throw new PithError("graph", `${after}: ${node.op} "${node.name}": ${why} (rule: ${name})`);
    }
  for (const { target, value } of graph.updates) {
    if (target.node.op !== "param" && target.node.op !== "state")
      throw new PithError(
        "graph",
        `${after}: update of ${target.node.op} "${target.node.name}", expected a param or a state`,
      );
    if (!sameShape(target.shape, value.shape) || target.dtype !== value.dtype)
      throw new PithError(
        "graph",
        `${after}: update of "${target.node.name}" is ${showType(value.type)}, expected ${showType(target.type)}`,
      );
  }
  const names = [...graph.inputs.map((i) => i.name), ...graph.outputs.map((o) => o.name)];
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice !== undefined)
    throw new PithError("graph", `${after}: "${twice}" names two inputs or outputs, expected distinct names`);
}
