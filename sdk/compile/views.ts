/** Which nodes need no code: their output is a range of their input, or their inputs are ranges of their output. */
import type { Node, Tensor, View } from "../../kernels/op.ts";
import type { Graph } from "../graph/graph.ts";
import { definitionOf, isLeaf } from "../graph/registry.ts";
import { type Call, constRootOrUndefined } from "./lower-node.ts";
import { align16, typeBytes } from "./sizes.ts";

const aligned = (bytes: number): boolean => align16(bytes) === bytes;

/** Calls with their views; `joined`: the nodes whose results are written into a part of another output. */
export function withViews(
  graph: Graph,
  calls: readonly Call[],
): { readonly calls: readonly Call[]; readonly joined: ReadonlySet<Node> } {
  const joined = new Set<Node>();
  const updates = new Set(graph.updates.map((u) => u.value.node));
  const views = new Map<Node, View>();
  const viewOf = ({ node, lowered }: Call): View | undefined => {
    if (lowered.kernel === null) return { kind: "part", offset: 0 };
    const view = definitionOf(node.op).view?.(
      node.inputs.map((t) => t.type),
      node.types,
      node.attrs,
    );
    if (view?.kind === "part")
      return aligned(view.offset) && !constRootOrUndefined(node.inputs[0]!) && !updates.has(node) ? view : undefined;
    if (view?.kind !== "join" || !view.offsets.every(aligned) || updates.has(node)) return undefined;
    const origins = node.inputs.map((t) => originOf(t, views));
    const free = origins.every(
      (o, i) => o && !joined.has(o) && !updates.has(o) && o.types.length === 1 && origins.indexOf(o) === i,
    );
    if (!free) return undefined;
    for (const o of origins) if (o) joined.add(o);
    return view;
  };
  const viewed = calls.map((call): Call => {
    const view = viewOf(call);
    if (view) views.set(call.node, view);
    return { ...call, view };
  });
  return { calls: viewed, joined };
}

/** The node that computes the whole of `t`, seen through full views; undefined where nothing computes it alone. */
function originOf(t: Tensor, views: ReadonlyMap<Node, View>): Node | undefined {
  if (isLeaf(t.node)) return undefined;
  const view = views.get(t.node);
  if (view?.kind !== "part") return t.node;
  const [input] = t.node.inputs;
  return typeBytes(input!.type) === typeBytes(t.type) ? originOf(input!, views) : undefined;
}
