import { activate, quantizedBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { broadcastShape, lowerArithmetic, lowerBinary, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { sequential } from "../loops/sequential.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, requires, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = { activation: string };

/** `activation(a * b)`, broadcast. f32 or int8. */
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
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    call.inputs[0]!.dtype === "i8" ? lowerI8(call) : lowerArithmetic("mul_f32", call, call.attrs.activation),
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

function lowerI8(call: LowerCall<Attrs>): Lowered {
  const [qa, qb, qz] = [quantOf(call.inputs[0]!), quantOf(call.inputs[1]!), quantOf(call.outputs[0]!)];
  const { m, shift } = quantizeMultiplier((qa.scale[0]! * qb.scale[0]!) / qz.scale[0]!);
  requires(
    shift <= 14,
    () =>
      `mul: output scale ${qz.scale[0]} of operands at ${qa.scale[0]} and ${qb.scale[0]}, expected a product that fits 32 bits`,
  );
  const [lo, hi] = quantizedBounds(call.attrs.activation, qz);
  const [za, zb, zz] = [qa.zeroPoint[0]!, qb.zeroPoint[0]!, qz.zeroPoint[0]!];
  return sequential(lowerBinary("mul_i8", call, [i32(za), i32(zb), i32(m), i32(shift), i32(zz), i32(lo), i32(hi)]));
}
