import { lowerElementwise } from "../loops/elementwise.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** `e^x`, relative error below 2^-22; results below the normal range are 0. */
export const exp: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "exp",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.exp(v))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [mul(dy!, y!)],
  quantize: { unsupported: "exp has no int8 kernel" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => lowerElementwise("exp_f32", call),
  samples: [{ inputs: [[1]] }, { inputs: [[4, 7]], range: [-3, 3] }, { inputs: [[3, 43]], range: [-60, 1] }],
});
