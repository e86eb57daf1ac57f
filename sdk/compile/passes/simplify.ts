/** Nodes that change nothing go: rows of `pattern → what stands for it`, each exact. */
import type { Node, Tensor } from "../../../kernels/op.ts";
import type { Graph } from "../../graph/graph.ts";
import { rewriteGraph } from "../../graph/rewrite.ts";
import { sameShape, sameType } from "../../graph/same-type.ts";

type Row = (node: Node, x: Tensor) => Tensor | undefined;

const isOne = (v: unknown): boolean => Array.isArray(v) && v.every((d) => d === 1);

const ROWS: Readonly<Record<string, Row>> = {
  // quantize(dequantize(q)) = q at one scale: scale * (q - zp) / scale is q - zp to within an ulp, which rounding undoes.
  // quantize(q) = q at one scale and zero point.
  quantize: (node, x) => {
    if (sameType(node.types[0]!, x.type)) return x;
    const [from] = x.node.op === "dequantize" ? x.node.inputs : [];
    return from && sameType(node.types[0]!, from.type) ? from : undefined;
  },
  reshape: (node, x) => (sameType(node.types[0]!, x.type) ? x : undefined),
  // Moves nothing.
  transpose: (node, x) =>
    (node.attrs["order"] as readonly number[]).every((d, i) => d === i) && sameType(node.types[0]!, x.type)
      ? x
      : undefined,
  slice: (node, x) => (sameType(node.types[0]!, x.type) ? x : undefined),
  pad: (node, x) => (sameType(node.types[0]!, x.type) ? x : undefined),
  // A window of one pixel, whose activation was not asked for.
  averagePool2d: onePixel,
  maxPool2d: onePixel,
};

function onePixel(node: Node, x: Tensor): Tensor | undefined {
  const { size, strides, activation } = node.attrs;
  const same = isOne(size) && isOne(strides) && activation === "none" && sameType(node.types[0]!, x.type);
  return same && sameShape(node.types[0]!.shape, x.shape) ? x : undefined;
}

/** A graph output keeps its node: a port that is an input or a constant is no computed value. */
export function simplify(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map((o) => o.tensor.node));
  return rewriteGraph(graph, (node, inputs) => {
    const x = inputs[0];
    const found = x && !outputs.has(node) ? ROWS[node.op]?.(node, x) : undefined;
    return found && [found];
  });
}
