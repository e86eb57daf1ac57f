import type { Node, TypedArray } from "../../kernels/op.ts";
import type { Graph } from "../graph/graph.ts";
import { align16, typeBytes } from "./sizes.ts";

/** Places params and states, the monitors last and without gaps; `images` are the values that init copies. */
export function placeState(graph: Graph): {
  offsets: Map<Node, number>;
  bytes: number;
  monitors: { offset: number; bytes: number };
  images: { node: Node; data: TypedArray }[];
} {
  const nodes = graph.nodes.filter((n) => n.op === "param" || n.op === "state");
  const monitor = (n: Node): boolean => n.attrs["monitor"] === true;
  const offsets = new Map<Node, number>();
  let offset = 0;
  for (const node of nodes.filter((n) => !monitor(n))) {
    offsets.set(node, offset);
    offset = align16(offset + typeBytes(node.types[0]!));
  }
  const start = offset;
  for (const node of nodes.filter(monitor)) {
    offsets.set(node, offset);
    offset += (typeBytes(node.types[0]!) + 3) & ~3;
  }
  const monitors = { offset: start, bytes: offset - start };
  const images = nodes
    .filter((n) => n.op === "state" && n.data !== undefined)
    .map((node) => ({ node, data: node.data! }));
  return { offsets, bytes: align16(offset), monitors, images };
}
