/**
 * Moves reshapes towards the outputs, past operators that work element by element or on the last axis only, so
 * that convolutions meet their norms and activations:
 *   f(reshape(x))       → reshape(f(x))      where f is elementwise, or per channel and the last axis is kept
 *   reshape(reshape(x)) → reshape(x)
 *   reshape(x)          → x                  where the type is the same
 * Reshapes of an imported file may give codes another scale; those stay.
 */

import { sameQuant } from "../../../kernels/loops/carry.ts";
import { Node, Tensor } from "../../../kernels/op.ts";
import type { Graph } from "../../graph/graph.ts";
import { rebuild, rewriteGraph } from "../../graph/rewrite.ts";
import { sameType } from "../../graph/same-type.ts";

const ELEMENTWISE: ReadonlySet<string> = new Set(["relu", "relu6"]);
const PER_CHANNEL: ReadonlySet<string> = new Set(["batchNorm"]);

export function sinkReshape(graph: Graph): Graph {
  return rewriteGraph(graph, (node, inputs) => {
    const [x, ...rest] = inputs;
    if (x?.node.op !== "reshape") return node.op === "reshape" && sameType(x!.type, node.types[0]!) ? [x!] : undefined;
    const inner = x.node.inputs[0]!;
    if (!sameQuant(inner.type.quant, x.type.quant)) return undefined;
    if (node.op === "reshape") {
      if (sameType(inner.type, node.types[0]!)) return [inner];
      return [new Tensor(rebuild(node, [inner], { types: node.types }))];
    }
    const passes = ELEMENTWISE.has(node.op) || (PER_CHANNEL.has(node.op) && inner.shape.at(-1) === x.shape.at(-1));
    if (!passes) return undefined;
    const below = new Tensor(
      new Node({
        op: node.op,
        inputs: [inner, ...rest],
        attrs: node.attrs,
        name: node.name,
        types: [{ ...node.types[0]!, shape: inner.shape }],
      }),
    );
    return [
      new Tensor(
        new Node({
          op: "reshape",
          inputs: [below],
          attrs: x.node.attrs,
          name: x.node.name,
          types: [{ ...node.types[0]!, shape: x.shape }],
        }),
      ),
    ];
  });
}
