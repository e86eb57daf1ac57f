import { scalar } from "../constant.ts";
import { div } from "../div/div.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { lowerElementwise } from "../loops/elementwise.ts";
import { lowerRealLookup } from "../loops/lookup.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Square root, IEEE exact; NaN below zero. f32 or int8. */
export const sqrt: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "sqrt",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.sqrt(v))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [div(mul(dy!, scalar(0.5)), y!)],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("sqrt", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("sqrt_f32", call),
      i8: () => lowerRealLookup(call, Math.sqrt),
    }),
  samples: [
    { inputs: [[1]], range: [0.5, 2] },
    { inputs: [[3, 43]], range: [0.1, 100] },
  ],
});
