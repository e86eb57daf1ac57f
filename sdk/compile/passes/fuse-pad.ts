/**
 * conv(pad(x)) → conv{padding: explicit}(x): a convolution counts pixels outside its image as zero, so that a border
 * of zeros along height and width is its own padding. Other readers keep the pad.
 */

import { paddingAfter } from "../../../kernels/conv/geometry.ts";
import { sameQuant } from "../../../kernels/loops/carry.ts";
import { Tensor } from "../../../kernels/op.ts";
import type { Graph } from "../../graph/graph.ts";
import { definitionOf } from "../../graph/registry.ts";
import { rebuild, rewriteGraph } from "../../graph/rewrite.ts";

export function fusePad(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    const definition = node.inputs.length > 0 ? definitionOf(node.op) : undefined;
    const pad = inputs[0]?.node;
    const isConvolution = definition?.window && "weights" in definition.quantize;
    if (!isConvolution || pad?.op !== "pad" || Number(pad.attrs["value"]) !== 0) return undefined;
    const [x] = pad.inputs;
    const [n0, n1, top, bottom, left, right, c0, c1] = pad.attrs["paddings"] as readonly number[];
    if (n0! + n1! + c0! + c1! !== 0 || !sameQuant(x!.type.quant, pad.types[0]!.quant)) return undefined;
    const { h, w } = definition.window(
      node.inputs.map((t) => t.type),
      node.attrs,
    );
    const padding = [top! + h.before, bottom! + paddingAfter(h), left! + w.before, right! + paddingAfter(w)];
    const fused = rebuild(node, [x!, ...inputs.slice(1)], { attrs: { ...node.attrs, padding }, types: node.types });
    return [new Tensor(fused)];
  });
}
