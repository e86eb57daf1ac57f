/**
 * Where only the class is asked for: an output softmax(x) or logSoftmax(x) becomes argMax(x), i32, and the softmax
 * goes: it keeps the order of its inputs. Where it rounds two classes to one code, the arg max of its codes would be
 * the first of them; the arg max of x is the larger one.
 */
import { argMax } from "../../../kernels/argMax/argMax.ts";
import { createGraph, type Graph } from "../../graph/graph.ts";

const MONOTONE: ReadonlySet<string> = new Set(["softmax", "logSoftmax"]);

/** The graph, and the names of the nodes that went. A negative beta turns the order round and is left as it is. */
export function classOnly(graph: Graph): { readonly graph: Graph; readonly dropped: readonly string[] } {
  const dropped: string[] = [];
  const outputs = graph.outputs.map(({ name, tensor }) => {
    const { node } = tensor;
    if (!MONOTONE.has(node.op) || Number(node.attrs["beta"] ?? 1) <= 0) return { name, tensor };
    dropped.push(node.name);
    return { name, tensor: argMax(node.inputs[0]!, { axis: -1, name: `${node.name} class` }) };
  });
  return { graph: createGraph({ ...graph, outputs }), dropped };
}
