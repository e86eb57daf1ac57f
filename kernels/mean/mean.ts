import { scalar } from "../constant.ts";
import {
  lowerReduce,
  type ReduceAttrs,
  reduceCount,
  reducedAxes,
  reduceShape,
  referenceSum,
  spread,
} from "../loops/reduce.ts";
import { lowerReduceInteger } from "../loops/reduce-integer.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, f32, type Op, type Tensor } from "../op.ts";

/** Mean over `axes` ("all", or a list): the sum of `sum`, divided by the count. */
export const mean: Op<[x: Tensor], ReduceAttrs> = defineOp({
  name: "mean",
  attrs: { axes: "all", keepDims: false } as ReduceAttrs,
  infer: ([x], attrs) => [{ dtype: x!.dtype, shape: reduceShape("mean", x!.shape, attrs) }],
  reference: ([x], attrs, [out]) => [
    referenceSum("mean", x!, attrs, out!).map((v) => v / reduceCount({ dtype: "f32", shape: x!.shape }, out!)),
  ],
  gradient: ({ inputs: [x], outputs: [y], outGrads: [dy], attrs }) => [
    spread("mean", mul(dy!, scalar(1 / reduceCount(x!.type, y!.type))), x!, attrs),
  ],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) => {
    const [[x], [out]] = [call.inputs, call.outputs];
    if (x!.dtype !== "f32") return lowerReduceInteger("mean", call);
    const axes = reducedAxes("mean", x!.shape.length, call.attrs.axes);
    return lowerReduce("mean_f32", x!, out!, axes, [f32(reduceCount(x!, out!))], true);
  },
  samples: [
    { inputs: [[1]] },
    { inputs: [[2, 5, 3, 7]], attrs: { axes: [1, 2] } },
    { inputs: [[3, 17]], attrs: { axes: [-1], keepDims: true } },
    { inputs: [[1, 3, 7, 4]], attrs: { axes: [2], keepDims: true } },
  ],
});
