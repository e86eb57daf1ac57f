import { div } from "../div/div.ts";
import { lowerElementwise } from "../loops/elementwise.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Natural logarithm, relative error below 2^-22 away from 1; -infinity at 0, NaN below. */
export const log: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "log",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.log(v))],
  gradient: ({ inputs: [x], outGrads: [dy] }) => [div(dy!, x!)],
  quantize: { unsupported: "log has no int8 kernel" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => lowerElementwise("log_f32", call),
  samples: [
    { inputs: [[1]], range: [0.5, 2] },
    { inputs: [[4, 7]], range: [0.5, 2] },
    { inputs: [[3, 43]], range: [0.01, 1000] },
  ],
});
