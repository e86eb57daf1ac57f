/** What argMax and argMin share. */
import { axisOf } from "../axis.ts";
import { defineOp, elements, i32, type Op, type OpDefinition, ptr, requires, showShape, type Tensor } from "../op.ts";

/** `axis`: negative from the end; it is left out of the result. */
export type IndexAttrs = { axis: number };

const DTYPES = ["f32", "i8", "i16", "i32"] as const;

/** Sizes before, along and after the axis. */
function split(
  op: string,
  shape: readonly number[],
  axis: number,
): readonly [outer: number, count: number, inner: number, at: number] {
  const at = axisOf(shape.length, axis);
  requires(at >= 0 && at < shape.length, () => `${op}: axis ${axis}, expected one of ${showShape(shape)}`);
  requires(shape[at]! > 0, () => `${op}: axis ${axis} of ${showShape(shape)} is empty, expected an element`);
  return [elements(shape.slice(0, at)), shape[at]!, elements(shape.slice(at + 1)), at];
}

export function defineIndexExtreme(name: "argMax" | "argMin"): Op<[x: Tensor], IndexAttrs> {
  const largest = name === "argMax";
  const definition: OpDefinition<IndexAttrs> = {
    name,
    attrs: { axis: -1 },
    infer: ([x], { axis }) => {
      const [, , , at] = split(name, x!.shape, axis);
      return [{ dtype: "i32", shape: x!.shape.filter((_, d) => d !== at) }];
    },
    reference: ([x], { axis }) => {
      const [outer, count, inner] = split(name, x!.shape, axis);
      return [
        Float64Array.from({ length: outer * inner }, (_, o) => {
          const first = Math.floor(o / inner) * count * inner + (o % inner);
          const values = Array.from({ length: count }, (_v, k) => x!.data[first + k * inner]!);
          const present = values.filter((v) => !Number.isNaN(v));
          return Math.max(0, values.indexOf(largest ? Math.max(...present) : Math.min(...present)));
        }),
      ];
    },
    quantize: {
      unsupported: `${name} gives indices, which have no scale; apply it to the outputs of the quantized model`,
    },
    macs: () => 0,
    kernels: { wasm: DTYPES, cpu: [] },
    lower: ({ inputs: [x], attrs: { axis } }) => {
      const [outer, count, inner] = split(name, x!.shape, axis);
      const known = (DTYPES as readonly string[]).includes(x!.dtype);
      requires(known, () => `${name}: ${x!.dtype} values, expected one of ${DTYPES.join(", ")}`);
      return {
        kernel: `${name}_${x!.dtype}`,
        args: [ptr.input(0), ptr.output(0), i32(outer), i32(count), i32(inner)],
      };
    },
    samples: [
      { inputs: [[1]] },
      { inputs: [[3, 17]] },
      { inputs: [[2, 5, 3]], attrs: { axis: 1 } },
      { inputs: [[2, 3, 7]], dtypes: ["i8"], range: [-5, 5], note: "equal values" },
      { inputs: [[4, 9]], attrs: { axis: 0 }, dtypes: ["i8"], range: [-128, 127] },
    ],
  };
  return defineOp(definition);
}
