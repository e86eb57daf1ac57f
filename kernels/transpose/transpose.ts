import { carried } from "../loops/carry.ts";
import { lowerStrided, MOVED, referenceStrided, rowMajorStrides, type StridedView } from "../loops/strided.ts";
import { defineOp, type Op, requires, showShape, type Tensor } from "../op.ts";

type Attrs = { order: readonly number[] };

/** Dimensions in another order: dimension i of the output is dimension `order[i]` of x. */
export const transpose: Op<[x: Tensor], Attrs> = defineOp({
  name: "transpose",
  attrs: { order: [] } as Attrs,
  infer: ([x], { order }) => {
    const { shape } = x!;
    const whole = order.length === shape.length && shape.every((_, i) => order.includes(i));
    requires(whole, () => `transpose: order ${showShape(order)}, expected each dimension of ${showShape(shape)} once`);
    return [
      carried(
        x!,
        order.map((d) => shape[d]!),
      ),
    ];
  },
  reference: ([x], attrs, [out]) => [referenceStrided(x!, out!, viewOf(x!.shape, attrs))],
  gradient: ({ outGrads: [dy], attrs: { order } }) => [
    transpose(dy!, { order: order.map((_, i) => order.indexOf(i)) }),
  ],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: ["f32"] },
  lower: (call) => lowerStrided("transpose", call, viewOf(call.inputs[0]!.shape, call.attrs)),
  samples: [
    { inputs: [[1]], attrs: { order: [0] } },
    { inputs: [[3, 7]], attrs: { order: [1, 0] } },
    { inputs: [[2, 3, 5]], attrs: { order: [0, 2, 1] } },
    { inputs: [[2, 3, 4, 5]], attrs: { order: [0, 3, 1, 2] } },
  ],
});

function viewOf(shape: readonly number[], { order }: Attrs): StridedView {
  const strides = rowMajorStrides(shape);
  return { strides: order.map((d) => strides[d]!), start: 0 };
}
