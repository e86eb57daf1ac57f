/** Plumbing of the operator suite: from a definition's samples to graphs and inputs. */
import {
  type Attrs,
  type DType,
  elements,
  Node as GraphNode,
  type Node,
  type OpDefinition,
  type Sample,
  Tensor,
  type TypedArray,
} from "../kernels/op.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { constant, inputLeaf } from "../sdk/graph/leaves.ts";

/** Marsaglia's xorshift32, in [0, 1). */
export function random(seed: number): () => number {
  let x = seed | 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

export interface Case {
  readonly id: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: DType;
    readonly values: TypedArray;
  }[];
  readonly attrs: Attrs;
}

const store = (dtype: DType, values: readonly number[]): TypedArray => {
  if (dtype === "f32") return Float32Array.from(values);
  if (dtype === "i8") return Int8Array.from(values);
  if (dtype === "i16") return Int16Array.from(values);
  return dtype === "u8" || dtype === "bool" ? Uint8Array.from(values) : Int32Array.from(values);
};

export function casesOf(definition: OpDefinition): readonly Case[] {
  return definition.samples.map((sample: Sample, s) => {
    const next = random(s * 7919 + 12345);
    const [lo, hi] = sample.range ?? [-1, 1];
    const inputs = sample.inputs.map((shape, i) => {
      const dtype = sample.dtypes?.[i] ?? "f32";
      const draw = (): number =>
        dtype === "f32" ? Math.fround(lo + (hi - lo) * next()) : Math.floor(lo + (hi - lo + 1) * next());
      const values = sample.values?.[i] ?? Array.from({ length: elements(shape) }, draw);
      return { name: `s${s}_${i}`, shape, dtype, values: store(dtype, values) };
    });
    return { id: `${definition.name}[${s}]`, inputs, attrs: { ...definition.attrs, ...sample.attrs } as Attrs };
  });
}

/** One graph with every case of an operator, so that a runtime compiles once. `constants`: inputs baked in. */
export function graphOf(
  definition: OpDefinition,
  cases: readonly Case[],
  constants: ReadonlySet<number> = new Set(),
): Graph {
  const inputs: { name: string; tensor: Tensor }[] = [];
  const outputs: { name: string; tensor: Tensor }[] = [];
  cases.forEach((c, s) => {
    const tensors = c.inputs.map(({ name, shape, dtype, values }, i) => {
      if (constants.has(i)) return constant(values, shape, { name });
      const tensor = inputLeaf(name, { dtype, shape });
      inputs.push({ name, tensor });
      return tensor;
    });
    const types = definition.infer(
      tensors.map((t) => t.type),
      c.attrs,
    );
    const node: Node = new GraphNode({
      op: definition.name,
      inputs: tensors,
      attrs: c.attrs,
      types,
      name: `${definition.name}_${s}`,
    });
    types.forEach((_, i) => outputs.push({ name: `out${s}_${i}`, tensor: new Tensor(node, i) }));
  });
  return createGraph({ inputs, outputs });
}

export const feedsOf = (cases: readonly Case[]): Record<string, TypedArray> =>
  Object.fromEntries(cases.flatMap((c) => c.inputs.map((i) => [i.name, i.values])));
