import { lowerReduce, type ReduceAttrs, reducedAxes, reduceShape, referenceSum, spread } from "../loops/reduce.ts";
import { lowerReduceInteger } from "../loops/reduce-integer.ts";
import { defineOp, f32, type Op, type Tensor } from "../op.ts";

/** Sum over `axes` ("all", or a list; an empty list changes nothing): each output adds its values in ascending order. */
export const sum: Op<[x: Tensor], ReduceAttrs> = defineOp({
  name: "sum",
  attrs: { axes: "all", keepDims: false } as ReduceAttrs,
  infer: ([x], attrs) => [{ dtype: x!.dtype, shape: reduceShape("sum", x!.shape, attrs) }],
  reference: ([x], attrs, [out]) => [referenceSum("sum", x!, attrs, out!)],
  gradient: ({ inputs: [x], outGrads: [dy], attrs }) => [spread("sum", dy!, x!, attrs)],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) => {
    const [[x], [out], { axes }] = [call.inputs, call.outputs, call.attrs];
    if (x!.dtype !== "f32") return lowerReduceInteger("sum", call);
    return lowerReduce("sum_f32", x!, out!, reducedAxes("sum", x!.shape.length, axes), [f32(1)], true);
  },
  samples: [
    { inputs: [[1]] },
    { inputs: [[7]], attrs: { axes: [0], keepDims: true } },
    { inputs: [[3, 5, 7]], attrs: { axes: [0, 2] } },
    { inputs: [[3, 5, 7]], attrs: { axes: [1] }, note: "outputs side by side" },
    { inputs: [[2, 3, 4, 5]], attrs: { axes: [1, -1], keepDims: true }, note: "two runs of reduced dimensions" },
    { inputs: [[2, 1, 17]], attrs: { axes: [1] }, note: "nothing to add" },
  ],
});
