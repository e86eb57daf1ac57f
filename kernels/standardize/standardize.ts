import { scalar } from "../constant.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, elements, i32, Node, type Op, ptr, requires, showShape, Tensor } from "../op.ts";

type Attrs = { mean: number | readonly number[]; deviation: number | readonly number[] };

const listOf = (value: number | readonly number[]): readonly number[] => (typeof value === "number" ? [value] : value);

/**
 * `(x - mean) / deviation`, one pair for the whole tensor or one for each index of the last axis. On a graph input the
 * quantizer absorbs it: the int8 codes of the input are those of the standardized value, and this becomes a view.
 */
export const standardize: Op<[x: Tensor], Attrs> = defineOp({
  name: "standardize",
  attrs: { mean: 0, deviation: 1 } as Attrs,
  infer: ([x], attrs) => {
    const [mean, deviation] = [listOf(attrs.mean), listOf(attrs.deviation)];
    const channels = x!.shape.at(-1) ?? 1;
    for (const [name, list] of [
      ["means", mean],
      ["deviations", deviation],
    ] as const)
      requires(
        list.length === 1 || list.length === channels,
        () => `standardize: ${list.length} ${name}, expected 1 or ${channels} for ${showShape(x!.shape)}`,
      );
    requires(
      deviation.every((d) => d > 0),
      () => `standardize: deviation ${Math.min(...deviation)}, expected one above 0 (drop or clamp constant channels)`,
    );
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  reference: ([x], attrs) => {
    const [mean, deviation] = [listOf(attrs.mean), listOf(attrs.deviation)];
    return [x!.data.map((v, i) => (v - mean[i % mean.length]!) / deviation[i % deviation.length]!)];
  },
  gradient: ({ outGrads: [dy], attrs }) => {
    const reciprocal = listOf(attrs.deviation).map((d) => 1 / d);
    if (reciprocal.length === 1) return [mul(dy!, scalar(reciprocal[0]!))];
    const types = [{ dtype: "f32" as const, shape: [reciprocal.length] }];
    return [mul(dy!, new Tensor(new Node({ op: "const", types, data: Float32Array.from(reciprocal) })))];
  },
  quantize: {
    unsupported:
      "standardize has an int8 form on a graph input only, where its scale becomes the input's; put it first",
  },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [x], attrs }) => {
    if (x!.dtype === "i8") return { kernel: null, args: [] };
    const [mean, deviation] = [listOf(attrs.mean), listOf(attrs.deviation)];
    const channels = Math.max(mean.length, deviation.length);
    const spread = (list: readonly number[]): Float32Array =>
      Float32Array.from({ length: channels }, (_, c) => list[c % list.length]!);
    return {
      kernel: "standardize_f32",
      args: [ptr.input(0), ptr.output(0), ptr.const(0), ptr.const(1), i32(channels)],
      consts: [
        { name: "mean", data: spread(mean) },
        { name: "deviation", data: spread(deviation) },
      ],
      alias: [[0, 0]],
      parallel: elements(x!.shape),
    };
  },
  samples: [
    { inputs: [[1]], attrs: { mean: 0.25, deviation: 2 } },
    { inputs: [[2, 5, 3]], attrs: { mean: [0.1, -0.2, 0.3], deviation: [0.5, 1, 2] } },
    { inputs: [[3, 7]], attrs: { mean: [1, 2, 3, 4, 5, 6, 7], deviation: 4 } },
  ],
});
