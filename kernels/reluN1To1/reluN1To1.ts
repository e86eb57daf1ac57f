import { activationGradient } from "../activation-gradient.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerRescale, quotientOfScales } from "../loops/rescale.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** `min(max(x, -1), 1)`. f32, int8 or int16, rescaled. The gradient is 0 at the bounds themselves. */
export const reluN1To1: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "reluN1To1",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.min(Math.max(v, -1), 1))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [activationGradient("reluN1To1", y!, dy!)],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) => {
    const integer = () => lowerRescale("reluN1To1_i16", call, "reluN1To1", quotientOfScales(call));
    return byDtype("reluN1To1", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("reluN1To1_f32", call),
      i8: integer,
      i16: integer,
    });
  },
  samples: ELEMENTWISE_SAMPLES,
});
