import { axisOf } from "../axis.ts";
import { carried } from "../loops/carry.ts";
import { MOVED } from "../loops/strided.ts";
import { matmul } from "../matmul/matmul.ts";
import { DTYPE_BYTES, defineOp, elements, i32, Node, type Op, ptr, requires, showShape, Tensor } from "../op.ts";
import { reshape } from "../reshape/reshape.ts";
import { transpose } from "../transpose/transpose.ts";

type Attrs = { axis: number; batchDims: number };

interface Sizes {
  readonly axis: number;
  readonly batchDims: number;
  readonly batches: number;
  readonly outer: number;
  readonly dim: number;
  readonly count: number;
  readonly inner: number;
  readonly shape: readonly number[];
}

function sizesOf(x: readonly number[], indices: readonly number[], attrs: Attrs): Sizes {
  const axis = axisOf(x.length, attrs.axis);
  const batchDims = axisOf(indices.length, attrs.batchDims);
  requires(
    axis >= 0 && axis < x.length && batchDims >= 0 && batchDims <= Math.min(axis, indices.length),
    () =>
      `gather: axis ${attrs.axis} with ${attrs.batchDims} batch dimensions, expected an axis of ${showShape(x)} behind them`,
  );
  requires(
    indices.slice(0, batchDims).every((d, i) => d === x[i]),
    () => `gather: indices are ${showShape(indices)}, expected the first ${batchDims} dimensions of ${showShape(x)}`,
  );
  requires(
    x[axis]! > 0 || elements(indices) === 0,
    () =>
      `gather: axis ${attrs.axis} of ${showShape(x)} is empty, expected an element for each of ${showShape(indices)}`,
  );
  return {
    axis,
    batchDims,
    batches: elements(x.slice(0, batchDims)),
    outer: elements(x.slice(batchDims, axis)),
    dim: x[axis]!,
    count: elements(indices.slice(batchDims)),
    inner: elements(x.slice(axis + 1)),
    shape: [...x.slice(0, axis), ...indices.slice(batchDims), ...x.slice(axis + 1)],
  };
}

/**
 * Slices of x along `axis` at `indices` (i32), which take the axis' place; the first `batchDims` dimensions are shared.
 * Indices outside the axis are clamped. The gradient needs constant indices and no batch dimensions.
 */
export const gather: Op<[x: Tensor, indices: Tensor], Attrs> = defineOp({
  name: "gather",
  attrs: { axis: 0, batchDims: 0 } as Attrs,
  infer: ([x, indices], attrs) => {
    requires(indices!.dtype === "i32", () => `gather: indices are ${indices!.dtype}, expected i32`);
    return [carried(x!, sizesOf(x!.shape, indices!.shape, attrs).shape)];
  },
  reference: ([x, indices], attrs) => {
    const { batches, outer, dim, count, inner } = sizesOf(x!.shape, indices!.shape, attrs);
    const y = new Float64Array(batches * outer * count * inner);
    for (let row = 0; row < batches * outer; row++)
      for (let k = 0; k < count; k++) {
        const at = Math.max(0, Math.min(dim - 1, indices!.data[Math.floor(row / outer) * count + k]!));
        y.set(x!.data.subarray((row * dim + at) * inner, (row * dim + at + 1) * inner), (row * count + k) * inner);
      }
    return [y];
  },
  // A gather is a product with a matrix of zeros and ones, its gradient one with the transposed matrix.
  gradient: ({ inputs: [x, indices], outGrads: [dy], attrs }) => {
    const { batches, outer, dim, count, inner } = sizesOf(x!.shape, indices!.shape, attrs);
    const { data } = indices!.node;
    if (!data || indices!.node.op !== "const" || batches !== 1) return [undefined, undefined];
    const spread = new Float32Array(dim * count);
    Array.from(data, Number).forEach((at, k) => {
      spread[Math.max(0, Math.min(dim - 1, at)) * count + k] = 1;
    });
    const matrix = new Tensor(new Node({ op: "const", types: [{ dtype: "f32", shape: [dim, count] }], data: spread }));
    // [outer, count, inner] -> [count, outer * inner] -> [dim, outer * inner] -> [outer, dim, inner]
    const first = reshape(transpose(reshape(dy!, { shape: [outer, count, inner] }), { order: [1, 0, 2] }), {
      shape: [count, outer * inner],
    });
    const summed = reshape(matmul(matrix, first), { shape: [dim, outer, inner] });
    return [reshape(transpose(summed, { order: [1, 0, 2] }), { shape: x!.shape }), undefined];
  },
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: ["f32"] },
  lower: ({ inputs: [x, indices], attrs }) => {
    const { batches, outer, dim, count, inner } = sizesOf(x!.shape, indices!.shape, attrs);
    return {
      kernel: "gather_bytes",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        ...[batches, outer, dim, count, inner * DTYPE_BYTES[x!.dtype]].map(i32),
      ],
    };
  },
  samples: [
    { inputs: [[1], [1]], dtypes: ["f32", "i32"], values: [[0.5], [0]] },
    { inputs: [[5, 3], [4]], dtypes: ["f32", "i32"], range: [0, 4] },
    {
      inputs: [
        [2, 7, 2],
        [2, 3],
      ],
      attrs: { axis: 1 },
      dtypes: ["f32", "i32"],
      range: [0, 6],
    },
    {
      inputs: [
        [3, 5, 2],
        [3, 4],
      ],
      attrs: { axis: 1, batchDims: 1 },
      dtypes: ["f32", "i32"],
      range: [0, 4],
    },
    { inputs: [[2, 5], [3]], attrs: { axis: -1 }, dtypes: ["f32", "i32"], range: [-3, 9], note: "clamped" },
  ],
});
