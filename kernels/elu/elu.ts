import { add } from "../add/add.ts";
import { scalar } from "../constant.ts";
import { greater } from "../greater/greater.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { lowerLookup } from "../loops/lookup.ts";
import { mul } from "../mul/mul.ts";
import { roundHalfAway } from "../numerics/requantize.ts";
import { defineOp, type LowerCall, type Lowered, type Op, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

/** Exponential linear unit: `x`, or `e^x - 1` below 0 (absolute error below 2^-22). f32 or int8. */
export const elu: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "elu",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => (v < 0 ? Math.expm1(v) : v))],
  // Below 0 the derivative e^x is y + 1, above it is 1.
  gradient: ({ outputs: [y], outGrads: [dy] }) => [mul(dy!, add(mul(y!, greater(scalar(0), y!)), scalar(1)))],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("elu", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("elu_f32", call),
      i8: () => lowerI8(call),
    }),
  samples: ELEMENTWISE_SAMPLES,
});

/** Every step in f32, as TFLite Micro fills its table. */
function lowerI8(call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const f = Math.fround;
  const [qx, qy] = [quantOf(call.inputs[0]!), quantOf(call.outputs[0]!)];
  const inverse = f(1 / qy.scale[0]!);
  return lowerLookup(call, (q) => {
    const x = f(qx.scale[0]! * (q - qx.zeroPoint[0]!));
    const y = x < 0 ? f(f(Math.exp(x)) - 1) : x;
    return Math.trunc(f(roundHalfAway(f(y * inverse)) + qy.zeroPoint[0]!));
  });
}
