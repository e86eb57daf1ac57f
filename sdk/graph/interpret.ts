/** The reference interpreter: f64, slow, obvious; the oracle of every test of floats. */
import {
  elements,
  type RefTensor,
  showShape,
  type Tensor,
  type TensorType,
  type TypedArray,
} from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { createGraph, type Graph } from "./graph.ts";
import { definitionOf } from "./registry.ts";

/** Values by name: inputs, and params and states where they differ from their stored data. */
export type Feeds = Readonly<Record<string, ArrayLike<number>>>;

export interface Interpretation {
  readonly outputs: Readonly<Record<string, RefTensor>>;
  /** New values of updated params and states, by name. */
  readonly updates: Readonly<Record<string, RefTensor>>;
  readonly values: ReadonlyMap<Tensor["node"], readonly RefTensor[]>;
}

/** Runs the graph once. Throws when a leaf has no value or a feed has the wrong length. */
export function interpret(graph: Graph, feeds: Feeds): Interpretation {
  const values = new Map<Tensor["node"], readonly RefTensor[]>();
  const read = (t: Tensor): RefTensor => values.get(t.node)![t.index]!;
  for (const node of graph.nodes) {
    const [type] = node.types;
    if (
      node.inputs.length === 0 &&
      node.op !== "const" &&
      (node.op === "input" || node.op === "param" || node.op === "state")
    ) {
      const data =
        feeds[node.name] ??
        (node.data && numbers(node.data)) ??
        initialValue(node.attrs["init"], elements(type!.shape));
      if (!data)
        throw new PithError(
          "shape",
          `evaluate: ${node.op} "${node.name}" has no value, expected one for ${showShape(type!.shape)}`,
        );
      values.set(node, [toReference(data, type!.shape, node.name)]);
    } else if (node.op === "const") values.set(node, [toReference(numbers(node.data!), type!.shape, node.name)]);
    else {
      const out = definitionOf(node.op).reference(
        node.inputs.map((t) => (isHybridWeight(node, t) ? dequantized(read(t), t.type) : read(t))),
        node.attrs,
        node.types,
      );
      values.set(
        node,
        out.map((data, i) => ({ shape: node.types[i]!.shape, data })),
      );
    }
  }
  const outputs = Object.fromEntries(graph.outputs.map(({ name, tensor }) => [name, read(tensor)]));
  const updates = Object.fromEntries(graph.updates.map(({ target, value }) => [target.node.name, read(value)]));
  return { outputs, updates, values };
}

/** Operators of f32 activations take int8 weights as the real values that these stand for. */
const isHybridWeight = (node: Tensor["node"], t: Tensor): boolean =>
  node.inputs[0]!.dtype === "f32" && t.dtype === "i8" && t.type.quant !== undefined;

function dequantized({ shape, data }: RefTensor, { quant }: TensorType): RefTensor {
  const { scale, zeroPoint, axis } = quant!;
  const inner = axis === undefined ? 1 : elements(shape.slice(axis + 1));
  const channel = (i: number): number => (axis === undefined ? 0 : Math.floor(i / inner) % shape[axis]!);
  return { shape, data: data.map((q, i) => scale[channel(i)]! * (q - zeroPoint[channel(i)]!)) };
}

/** Computes any expression in f64: `await evaluate(y, { x: [1, 2] })`. */
export async function evaluate(tensor: Tensor, feeds: Feeds = {}): Promise<RefTensor> {
  const graph = createGraph({ inputs: [], outputs: [{ name: "value", tensor }] });
  return interpret(graph, feeds).outputs["value"]!;
}

function initialValue(init: unknown, length: number): Float64Array | undefined {
  if (init === "zeros") return new Float64Array(length);
  if (init === "ones") return new Float64Array(length).fill(1);
  return undefined;
}

const numbers = (data: TypedArray): ArrayLike<number> =>
  data instanceof BigInt64Array ? Array.from(data, Number) : data;

function toReference(data: ArrayLike<number>, shape: readonly number[], name: string): RefTensor {
  if (data.length !== elements(shape))
    throw new PithError(
      "shape",
      `evaluate: "${name}" has ${data.length} values, expected ${elements(shape)} for ${showShape(shape)}`,
    );
  return { shape, data: Float64Array.from(data) };
}
