/** Initial values of parameters: keyed by (seed, name), so that adding a layer does not change the others. */
import { elements, type Node } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { keyOf, normals, uniforms } from "./random.ts";

type Fill = (node: Node, seed: number, length: number) => Float32Array;

const FILLS: Readonly<Record<string, Fill>> = {
  zeros: (_node, _seed, length) => new Float32Array(length),
  ones: (_node, _seed, length) => new Float32Array(length).fill(1),
  /** He et al. 2015: variance 2 / fanIn. */
  heNormal: (node, seed, length) => {
    const deviation = Math.sqrt(2 / fan(node, "fanIn"));
    const next = normals(keyOf(seed, node.name));
    return Float32Array.from({ length }, () => next() * deviation);
  },
  /** Glorot & Bengio 2010: uniform in ±sqrt(6 / (fanIn + fanOut)). */
  glorotUniform: (node, seed, length) => {
    const limit = Math.sqrt(6 / (fan(node, "fanIn") + fan(node, "fanOut")));
    const next = uniforms(keyOf(seed, node.name));
    return Float32Array.from({ length }, () => (next() * 2 - 1) * limit);
  },
};

export function initialValue(node: Node, seed: number): Float32Array | Int32Array {
  if (node.data instanceof Int32Array) return node.data.slice();
  if (node.data && !(node.data instanceof BigInt64Array)) return Float32Array.from(node.data);
  const init = String(node.attrs["init"]);
  const fill = FILLS[init];
  if (!fill)
    throw new PithError(
      "graph",
      `${node.op} "${node.name}": init "${init}", expected one of ${Object.keys(FILLS).join(", ")}`,
    );
  return fill(node, seed, elements(node.types[0]!.shape));
}

function fan(node: Node, which: "fanIn" | "fanOut"): number {
  const value = node.attrs[which];
  if (typeof value === "number" && value > 0) return value;
  throw new PithError(
    "graph",
    `param "${node.name}": ${which} ${String(value)}, expected a positive number for init ${String(node.attrs["init"])}`,
  );
}
