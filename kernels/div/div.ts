import { activate, quantizedBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { scalar } from "../constant.ts";
import { broadcastShape, lowerArithmetic, lowerBinary, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { sequential } from "../loops/sequential.ts";
import { mul } from "../mul/mul.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = { activation: string };

/** `activation(a / b)`, broadcast; IEEE division, so x / 0 is an infinity or NaN. f32 or int8 (where x / 0 saturates). */
export const div: Op<[a: Tensor, b: Tensor], Attrs> = defineOp({
  name: "div",
  attrs: { activation: "none" },
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShape("div", a!.shape, b!.shape) }],
  reference: (inputs, { activation }, [out]) => referenceBinary(inputs, out!, (x, y) => activate(activation, x / y)),
  // d(a/b)/db = -(a/b)/b; the quotient is formed anew, since z may be clamped.
  gradient: ({ inputs: [a, b], outputs: [z], outGrads: [dz], attrs }) => {
    const grad = div(activationGradient(attrs.activation, z!, dz!), b!);
    return [unbroadcast(grad, a!.shape), unbroadcast(mul(mul(grad, div(a!, b!)), scalar(-1)), b!.shape)];
  },
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("div", call.inputs[0]!.dtype, {
      f32: () => lowerArithmetic("div_f32", call, call.attrs.activation),
      i8: () => lowerI8(call),
    }),
  samples: BROADCAST_SAMPLES.map((s) => ({ ...s, range: [0.5, 2] })),
});

/** The effective scale is an f32 quotient in TFLite. */
function lowerI8(call: LowerCall<Attrs>): Lowered {
  const [qa, qb, qz] = [quantOf(call.inputs[0]!), quantOf(call.inputs[1]!), quantOf(call.outputs[0]!)];
  const { m, shift } = quantizeMultiplier(Math.fround(qa.scale[0]! / Math.fround(qb.scale[0]! * qz.scale[0]!)));
  const [lo, hi] = quantizedBounds(call.attrs.activation, qz);
  const [za, zb, zz] = [qa.zeroPoint[0]!, qb.zeroPoint[0]!, qz.zeroPoint[0]!];
  return sequential(lowerBinary("div_i8", call, [za, zb, m, shift, zz, lo, hi].map(i32)));
}
