import { activationGradient } from "../activation-gradient.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerRescale, quotientOfScales } from "../loops/rescale.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Rectified linear unit: `max(x, 0)`. f32, int8 or int16, rescaled. The gradient is 0 at the bounds themselves. */
export const relu: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "relu",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.max(v, 0))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [activationGradient("relu", y!, dy!)],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) => {
    const integer = () => lowerRescale("relu_i16", call, "relu", quotientOfScales(call));
    return byDtype("relu", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("relu_f32", call),
      i8: integer,
      i16: integer,
    });
  },
  samples: ELEMENTWISE_SAMPLES,
});
