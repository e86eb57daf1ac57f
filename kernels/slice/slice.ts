import { carried } from "../loops/carry.ts";
import { lowerStrided, MOVED, referenceStrided, rowMajorStrides, type StridedView } from "../loops/strided.ts";
import { DTYPE_BYTES, defineOp, type Op, requires, showShape, type Tensor, type TensorType, type View } from "../op.ts";
import { pad } from "../pad/pad.ts";

type Attrs = { begin: readonly number[]; size: readonly number[] };

/**
 * The box of `size` at `begin`; a size of -1 reaches to the end, which is what the batch dimension wants: a graph is
 * traced at batch 1 and a size of 1 would stay 1. The gradient pads with zeros.
 */
export const slice: Op<[x: Tensor], Attrs> = defineOp({
  name: "slice",
  attrs: { begin: [], size: [] } as Attrs,
  infer: ([x], { begin, size }) => {
    const { shape } = x!;
    requires(
      begin.length === shape.length && size.length === shape.length,
      () =>
        `slice: begin ${showShape(begin)} and size ${showShape(size)}, expected ${shape.length} numbers each for ${showShape(shape)}`,
    );
    const out = size.map((d, i) => (d === -1 ? shape[i]! - begin[i]! : d));
    requires(
      out.every((d, i) => begin[i]! >= 0 && d >= 1 && begin[i]! + d <= shape[i]!),
      () => `slice: ${showShape(size)} at ${showShape(begin)}, expected a box inside ${showShape(shape)}`,
    );
    return [carried(x!, out)];
  },
  reference: ([x], attrs, [out]) => [referenceStrided(x!, out!, viewOf(x!.shape, attrs))],
  gradient: ({ inputs: [x], outputs: [y], outGrads: [dy], attrs: { begin } }) => [
    pad(dy!, { paddings: begin.flatMap((b, i) => [b, x!.shape[i]! - b - y!.shape[i]!]) }),
  ],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: ["f32"] },
  view: ([x], [out], { begin }) => partOf(x!, out!, begin),
  lower: (call) => lowerStrided("slice", call, viewOf(call.inputs[0]!.shape, call.attrs)),
  samples: [
    { inputs: [[1]], attrs: { begin: [0], size: [1] } },
    { inputs: [[7]], attrs: { begin: [2], size: [-1] } },
    { inputs: [[2, 5, 3]], attrs: { begin: [1, 1, 0], size: [1, 3, 3] } },
    { inputs: [[2, 3, 5, 7]], attrs: { begin: [0, 1, 2, 3], size: [2, 2, 3, 4] } },
  ],
});

/** A box is contiguous when it is whole in every dimension after the first that is longer than 1 in the output. */
function partOf(x: TensorType, out: TensorType, begin: readonly number[]): View | undefined {
  const first = out.shape.findIndex((d) => d > 1);
  if (first >= 0 && x.shape.some((d, i) => i > first && d !== out.shape[i])) return undefined;
  const strides = rowMajorStrides(x.shape);
  return { kind: "part", offset: begin.reduce((sum, b, i) => sum + b * strides[i]!, 0) * DTYPE_BYTES[x.dtype] };
}

function viewOf(shape: readonly number[], { begin }: Attrs): StridedView {
  const strides = rowMajorStrides(shape);
  return { strides, start: begin.reduce((s, b, i) => s + b * strides[i]!, 0) };
}
