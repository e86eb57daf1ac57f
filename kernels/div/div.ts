import { activate } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { scalar } from "../constant.ts";
import { broadcastShape, lowerArithmetic, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

type Attrs = { activation: string };

/** `activation(a / b)`, broadcast; IEEE division, so x / 0 is an infinity or NaN. */
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
  quantize: { unsupported: "div has no int8 kernel; multiply by a constant reciprocal" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => lowerArithmetic("div_f32", call, call.attrs.activation),
  samples: BROADCAST_SAMPLES.map((s) => ({ ...s, range: [0.5, 2] })),
});
