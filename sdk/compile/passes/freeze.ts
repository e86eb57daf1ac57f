/** Params, and states that nothing updates, become constants. */
import { type DType, elements, Node, Tensor, type TypedArray } from "../../../kernels/op.ts";
import { PithError } from "../../error.ts";
import type { Graph } from "../../graph/graph.ts";
import { rewriteGraph } from "../../graph/rewrite.ts";

export function freeze(graph: Graph): Graph {
  const updated = new Set(graph.updates.map((u) => u.target.node));
  return rewriteGraph(graph, (node) => {
    if ((node.op !== "param" && node.op !== "state") || updated.has(node)) return undefined;
    const [type] = node.types;
    const data = node.data ?? filled(node, type!.dtype, elements(type!.shape));
    return [new Tensor(new Node({ op: "const", types: node.types, name: node.name, data }))];
  });
}

const ARRAYS = {
  f32: Float32Array,
  i8: Int8Array,
  i4: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<Exclude<DType, "i64">, unknown>;

function filled(node: Node, dtype: DType, length: number): TypedArray {
  const { init } = node.attrs;
  if (init !== "zeros" && init !== "ones")
    throw new PithError(
      "graph",
      `freeze: ${node.op} "${node.name}" has no value, expected a trained model (train it first)`,
    );
  const value = init === "ones" ? 1 : 0;
  return dtype === "i64" ? new BigInt64Array(length).fill(BigInt(value)) : new ARRAYS[dtype](length).fill(value);
}
