/**
 * relu(f(x)) → f(x){activation: relu}, where f carries activations and nothing else reads f(x). Codes must keep their
 * scale: one clamp of the sum is exact, a second rounding is not.
 */

import { sameQuant } from "../../../kernels/loops/carry.ts";
import { Tensor } from "../../../kernels/op.ts";
import type { Graph } from "../../graph/graph.ts";
import { rebuild, rewriteGraph } from "../../graph/rewrite.ts";
import { readersOf } from "./readers.ts";

const ACTIVATIONS: ReadonlySet<string> = new Set(["relu", "relu6"]);

export function fuseActivation(graph: Graph): Graph {
  const readers = readersOf(graph);
  return rewriteGraph(graph, (node, inputs) => {
    const [x] = inputs;
    const [original] = node.inputs;
    if (!ACTIVATIONS.has(node.op) || x?.node.attrs["activation"] !== "none" || (readers.get(original!.node) ?? 0) > 1)
      return undefined;
    if (!sameQuant(node.types[0]!.quant, x.type.quant)) return undefined;
    return [
      new Tensor(
        rebuild(x.node, x.node.inputs, { attrs: { ...x.node.attrs, activation: node.op }, types: x.node.types }),
      ),
    ];
  });
}
