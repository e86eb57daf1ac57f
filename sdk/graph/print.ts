/** Text form of a graph: one line a node, stable, for `pith show` and golden tests. */
import { type Node, showType, type Tensor, type TensorType } from "../../kernels/op.ts";
import type { Graph } from "./graph.ts";

export function printGraph(graph: Graph): string {
  const ids = new Map<Node, number>(graph.nodes.map((n, i) => [n, i]));
  const ref = (t: Tensor): string => `%${ids.get(t.node)}${t.node.types.length > 1 ? `.${t.index}` : ""}`;
  const lines = graph.nodes.map((n) => {
    const types = n.types.map(showQuantized).join(" ");
    const attrs = Object.entries(n.attrs).map(
      ([k, v]) => `${k}=${Array.isArray(v) ? `[${v.length > 8 ? `${v.slice(0, 8).join(",")},…` : v.join(",")}]` : v}`,
    );
    const args = [...n.inputs.map(ref), ...attrs].join(", ");
    return `%${ids.get(n)} = ${n.op}(${args}) : ${types}${n.name ? `  # ${n.name}` : ""}`;
  });
  for (const { target, value } of graph.updates) lines.push(`update ${ref(target)} <- ${ref(value)}`);
  for (const { name, tensor } of graph.outputs) lines.push(`output ${name} = ${ref(tensor)}`);
  return `${lines.join("\n")}\n`;
}

function showQuantized(type: TensorType): string {
  const { quant } = type;
  if (!quant) return showType(type);
  const scale =
    quant.scale.length === 1 ? quant.scale[0]!.toPrecision(6) : `${quant.scale.length} scales@${quant.axis}`;
  const zero = quant.zeroPoint.every((z) => z === quant.zeroPoint[0]) ? `${quant.zeroPoint[0]}` : "…";
  return `${showType(type)}{${scale}, ${zero}}`;
}
