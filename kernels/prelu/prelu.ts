import { add } from "../add/add.ts";
import { scalar } from "../constant.ts";
import { greater } from "../greater/greater.ts";
import { broadcastShape, lowerBinary, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { sequential } from "../loops/sequential.ts";
import { minimum } from "../minimum/minimum.ts";
import { mul } from "../mul/mul.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, requires, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

/** `x`, or `slope * x` where x is negative; the slope broadcasts. f32 or int8. */
export const prelu: Op<[x: Tensor, slope: Tensor], Record<never, never>> = defineOp({
  name: "prelu",
  attrs: {},
  infer: ([x, slope]) => [{ dtype: x!.dtype, shape: broadcastShape("prelu", x!.shape, slope!.shape) }],
  reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, (x, slope) => (x >= 0 ? x : x * slope)),
  gradient: ({ inputs: [x, slope], outGrads: [dy] }) => {
    const below = greater(scalar(0), x!);
    const factor = add(mul(below, slope!), greater(x!, scalar(0)));
    return [unbroadcast(mul(dy!, factor), x!.shape), unbroadcast(mul(dy!, minimum(x!, scalar(0))), slope!.shape)];
  },
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("prelu", call.inputs[0]!.dtype, {
      f32: () => lowerBinary("prelu_f32", call, []),
      i8: () => lowerI8(call),
    }),
  samples: BROADCAST_SAMPLES,
});

function lowerI8(call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const [qx, qs, qy] = [quantOf(call.inputs[0]!), quantOf(call.inputs[1]!), quantOf(call.outputs[0]!)];
  const above = quantizeMultiplier(qx.scale[0]! / qy.scale[0]!);
  const below = quantizeMultiplier((qx.scale[0]! * qs.scale[0]!) / qy.scale[0]!);
  requires(
    above.shift <= 22 && below.shift <= 14,
    () => `prelu: scales ${qx.scale[0]} and ${qs.scale[0]} to ${qy.scale[0]}, expected ratios below 2^22 and 2^14`,
  );
  const [zx, zs, zy] = [qx.zeroPoint[0]!, qs.zeroPoint[0]!, qy.zeroPoint[0]!];
  return sequential(lowerBinary("prelu_i8", call, [zx, zs, above.m, above.shift, below.m, below.shift, zy].map(i32)));
}
