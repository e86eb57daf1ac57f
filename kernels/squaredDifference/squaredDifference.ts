import { codeRange } from "../codes.ts";
import { scalar } from "../constant.ts";
import { broadcastShape, lowerBinary, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { sequential } from "../loops/sequential.ts";
import { mul } from "../mul/mul.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";
import { sub } from "../sub/sub.ts";

/** `(a - b)^2`, broadcast. f32, int8 or int16. */
export const squaredDifference: Op<[a: Tensor, b: Tensor], Record<never, never>> = defineOp({
  name: "squaredDifference",
  attrs: {},
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShape("squaredDifference", a!.shape, b!.shape) }],
  reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, (x, y) => (x - y) ** 2),
  gradient: ({ inputs: [a, b], outGrads: [dz] }) => {
    const da = mul(mul(dz!, scalar(2)), sub(a!, b!));
    return [unbroadcast(da, a!.shape), unbroadcast(mul(da, scalar(-1)), b!.shape)];
  },
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("squaredDifference", call.inputs[0]!.dtype, {
      f32: () => lowerBinary("squaredDifference_f32", call, []),
      i8: () => lowerInteger("squaredDifference_i8", 7, call),
      i16: () => lowerInteger("squaredDifference_i16", 0, call),
    }),
  samples: BROADCAST_SAMPLES,
});

/** `bits`: of left shift before the operands meet at twice the larger scale. */
function lowerInteger(kernel: string, bits: number, call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const [qa, qb, qz] = [quantOf(call.inputs[0]!), quantOf(call.inputs[1]!), quantOf(call.outputs[0]!)];
  const [sa, sb] = [qa.scale[0]!, qb.scale[0]!];
  const twice = 2 * Math.max(sa, sb);
  const [ma, mb] = [quantizeMultiplier(sa / twice), quantizeMultiplier(sb / twice)];
  const out = quantizeMultiplier(twice ** 2 / (2 ** (2 * bits) * qz.scale[0]!));
  const [lo, hi] = codeRange(call.outputs[0]!.dtype);
  const numbers = [
    ...[qa.zeroPoint[0]!, ma.m, ma.shift],
    ...[qb.zeroPoint[0]!, mb.m, mb.shift],
    ...[out.m, out.shift, qz.zeroPoint[0]!, lo, hi],
  ];
  return sequential(lowerBinary(kernel, call, numbers.map(i32)));
}
