import { activate, quantizedBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import {
  broadcastShape,
  lowerArithmetic,
  lowerArithmeticI32,
  lowerBinary,
  referenceBinary,
  unbroadcast,
} from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { sequential } from "../loops/sequential.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = { activation: string };

/** `activation(a * b)`, broadcast. f32, i32, int8 or int16. */
export const mul: Op<[a: Tensor, b: Tensor], Attrs> = defineOp({
  name: "mul",
  attrs: { activation: "none" },
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShape("mul", a!.shape, b!.shape) }],
  reference: (inputs, { activation }, [out]) => referenceBinary(inputs, out!, (x, y) => activate(activation, x * y)),
  gradient: ({ inputs: [a, b], outputs: [z], outGrads: [dz], attrs }) => {
    const grad = activationGradient(attrs.activation, z!, dz!);
    return [unbroadcast(mul(grad, b!), a!.shape), unbroadcast(mul(grad, a!), b!.shape)];
  },
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16", "i32"], cpu: ["f32"] },
  lower: (call) => {
    const { activation } = call.attrs;
    return byDtype("mul", call.inputs[0]!.dtype, {
      f32: () => lowerArithmetic("mul_f32", call, activation),
      i32: () => lowerArithmeticI32("mul_i32", call, activation),
      i8: () => lowerInteger("mul_i8", call),
      i16: () => lowerInteger("mul_i16", call),
    });
  },
  samples: [
    ...BROADCAST_SAMPLES,
    {
      inputs: [
        [2, 17],
        [2, 17],
      ],
      attrs: { activation: "relu6" },
      range: [-5, 5],
    },
  ],
});

/**
 * Double rounding, always: with the small right shifts that products have, the first rounding moves the thresholds of
 * positive and negative products apart, which no single added constant can express.
 */
function lowerInteger(kernel: string, call: LowerCall<Attrs>): Lowered {
  const [qa, qb, qz] = [quantOf(call.inputs[0]!), quantOf(call.inputs[1]!), quantOf(call.outputs[0]!)];
  const { m, shift } = quantizeMultiplier((qa.scale[0]! * qb.scale[0]!) / qz.scale[0]!);
  const [lo, hi] = quantizedBounds(call.attrs.activation, qz, call.outputs[0]!.dtype);
  const [za, zb, zz] = [qa.zeroPoint[0]!, qb.zeroPoint[0]!, qz.zeroPoint[0]!];
  const exact = sequential(lowerBinary(kernel, call, [za, zb, m, shift, zz, lo, hi].map(i32)));
  return { ...exact, requantize: "exact64" };
}
