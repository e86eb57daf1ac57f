import { quantizedBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { sequential } from "../loops/sequential.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

/** Clamped rectified linear unit: `min(max(x, 0), 6)`. f32, int8 or int16. The gradient is 0 at the bounds themselves. */
export const relu6: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "relu6",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.min(Math.max(v, 0), 6))],
  gradient: ({ outputs: [y], outGrads: [dy] }) => [activationGradient("relu6", y!, dy!)],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("relu6", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("relu6_f32", call),
      i8: () => lowerClamp("relu6_i8", call),
      i16: () => lowerClamp("relu6_i16", call),
    }),
  samples: ELEMENTWISE_SAMPLES,
});

/** Codes are clamped and never rescaled, whatever the output type says: TensorFlow Lite Micro does so (relu rescales). */
function lowerClamp(kernel: string, call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const x = call.inputs[0]!;
  const [lo, hi] = quantizedBounds("relu6", quantOf(x), x.dtype);
  return sequential(lowerElementwise(kernel, call, [i32(lo), i32(hi)]));
}
