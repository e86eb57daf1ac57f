import { activationGradient } from "../activation-gradient.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerRescaleI8 } from "../loops/rescale-i8.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Rectified linear unit: `max(x, 0)`. The gradient is 0 at the bounds themselves. */
export const relu: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "relu",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.max(v, 0))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [activationGradient("relu", y!, dy!)],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    call.inputs[0]!.dtype === "i8" ? lowerRescaleI8("relu_i8", call, "relu") : lowerElementwise("relu_f32", call),
  samples: ELEMENTWISE_SAMPLES,
});
