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
import { mul } from "../mul/mul.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, elements, f32, i32, type LowerCall, type Lowered, type Op, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

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
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) => {
    const [[x], [out]] = [call.inputs, call.outputs];
    if (x!.dtype === "i8") return lowerI8(call);
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

/**
 * The count goes into the multiplier (TFLite QuantizedMeanOrSum): with 2^k <= count < 2^(k+1) it becomes
 * m * 2^k / count, truncated, and the shift less k.
 */
function lowerI8({ inputs: [x], outputs: [out], attrs }: LowerCall<ReduceAttrs>): Lowered {
  const count = reduceCount(x!, out!);
  const [qx, qy] = [quantOf(x!), quantOf(out!)];
  const whole = quantizeMultiplier(qx.scale[0]! / qy.scale[0]!);
  const k = Math.min(Math.floor(Math.log2(count)), 32, 31 + whole.shift);
  const m = Number((BigInt(whole.m) << BigInt(k)) / BigInt(count));
  return lowerReduce(
    "mean_i8",
    x!,
    out!,
    reducedAxes("mean", x!.shape.length, attrs.axes),
    [i32(count * qx.zeroPoint[0]!), i32(m), i32(whole.shift - k), i32(qy.zeroPoint[0]!), i32(elements(out!.shape))],
    false,
  );
}
