import { carried } from "../loops/carry.ts";
import { lowerStrided, MOVED, referenceStrided, rowMajorStrides, type StridedView } from "../loops/strided.ts";
import { defineOp, type Op, requires, showShape, type Tensor } from "../op.ts";
import { pad } from "../pad/pad.ts";
import { reshape } from "../reshape/reshape.ts";
import { slice } from "../slice/slice.ts";

type Attrs = { begin: readonly number[]; size: readonly number[]; strides: readonly number[] };

/**
 * Every `strides[d]`-th value from `begin[d]` on, `size[d]` of them; negative strides walk backwards. A size of -1 with
 * stride 1 reaches to the end, which is what the batch dimension wants. The gradient puts zeros between.
 */
export const stridedSlice: Op<[x: Tensor], Attrs> = defineOp({
  name: "stridedSlice",
  attrs: { begin: [], size: [], strides: [] } as Attrs,
  infer: ([x], { begin, size, strides }) => {
    const { shape } = x!;
    requires(
      [begin, size, strides].every((list) => list.length === shape.length),
      () =>
        `stridedSlice: begin ${showShape(begin)}, size ${showShape(size)} and strides ${showShape(strides)}, expected ${shape.length} numbers each for ${showShape(shape)}`,
    );
    const out = size.map((d, i) => (d === -1 && strides[i] === 1 ? shape[i]! - begin[i]! : d));
    const inside = (at: number, d: number): boolean => Number.isInteger(at) && at >= 0 && at < shape[d]!;
    requires(
      out.every(
        (n, d) => n >= 1 && strides[d] !== 0 && inside(begin[d]!, d) && inside(begin[d]! + (n - 1) * strides[d]!, d),
      ),
      () =>
        `stridedSlice: ${showShape(size)} at ${showShape(begin)} by ${showShape(strides)}, expected steps inside ${showShape(shape)}`,
    );
    return [carried(x!, out)];
  },
  reference: ([x], attrs, [out]) => [referenceStrided(x!, out!, viewOf(x!.shape, attrs))],
  gradient: ({ inputs: [x], outGrads: [dy], attrs }) => [
    x!.shape.reduce((grad, dim, d) => spreadAxis(grad, d, dim, attrs.begin[d]!, attrs.strides[d]!), dy!),
  ],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: ["f32"] },
  lower: (call) => lowerStrided("stridedSlice", call, viewOf(call.inputs[0]!.shape, call.attrs)),
  samples: [
    { inputs: [[7]], attrs: { begin: [1], size: [3], strides: [2] } },
    { inputs: [[9]], attrs: { begin: [8], size: [9], strides: [-1] }, note: "backwards" },
    { inputs: [[2, 7, 5, 3]], attrs: { begin: [0, 1, 4, 0], size: [-1, 3, 2, 2], strides: [1, 2, -3, 1] } },
    { inputs: [[2, 3, 4]], attrs: { begin: [0, 0, 0], size: [2, 3, 4], strides: [1, 1, 1] }, note: "everything" },
    {
      inputs: [[4, 6, 5, 2, 3]],
      attrs: { begin: [3, 5, 0, 1, 2], size: [4, 2, 3, 2, 3], strides: [-1, -3, 2, -1, -1] },
    },
  ],
});

function viewOf(shape: readonly number[], { begin, strides }: Attrs): StridedView {
  const steps = rowMajorStrides(shape);
  return {
    strides: strides.map((stride, d) => stride * steps[d]!),
    start: begin.reduce((sum, b, d) => sum + b * steps[d]!, 0),
  };
}

/** Dimension d of `grad` back in a dimension of `dim`, at begin, begin + stride, ...; zeros elsewhere. */
function spreadAxis(grad: Tensor, d: number, dim: number, begin: number, stride: number): Tensor {
  const count = grad.shape[d]!;
  const rank = grad.shape.length;
  const at = (value: number, rest: number): number[] =>
    Array.from({ length: rank }, (_, i) => (i === d ? value : rest));
  let wide = grad;
  if (stride < 0) wide = stridedSlice(wide, { begin: at(count - 1, 0), size: at(count, -1), strides: at(-1, 1) });
  const first = stride < 0 ? begin + (count - 1) * stride : begin;
  const step = Math.abs(stride);
  if (step > 1 && count > 1) {
    const { shape } = wide;
    const apart = reshape(wide, { shape: [...shape.slice(0, d + 1), 1, ...shape.slice(d + 1)] });
    const paddings = apart.shape.flatMap((_, i) => [0, i === d + 1 ? step - 1 : 0]);
    const joined = reshape(pad(apart, { paddings }), { shape: shape.map((n, i) => (i === d ? n * step : n)) });
    wide = slice(joined, { begin: at(0, 0), size: at((count - 1) * step + 1, -1) });
  }
  const after = dim - first - wide.shape[d]!;
  if (first === 0 && after === 0) return wide;
  return pad(wide, { paddings: wide.shape.flatMap((_, i) => (i === d ? [first, after] : [0, 0])) });
}
