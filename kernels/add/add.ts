import { activate } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { broadcastShape, lowerArithmetic, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { lowerSumI8 } from "../loops/sum-i8.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";
import { lowerReduce } from "./lower-i8.reduce.ts";

type Attrs = { activation: string };

/** `activation(a + b)`, broadcast. f32 or int8. */
export const add: Op<[a: Tensor, b: Tensor], Attrs> = defineOp({
  name: "add",
  attrs: { activation: "none" },
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShape("add", a!.shape, b!.shape) }],
  reference: (inputs, { activation }, [out]) => referenceBinary(inputs, out!, (x, y) => activate(activation, x + y)),
  gradient: ({ inputs: [a, b], outputs: [z], outGrads: [dz], attrs }) => {
    const grad = activationGradient(attrs.activation, z!, dz!);
    return [unbroadcast(grad, a!.shape), unbroadcast(grad, b!.shape)];
  },
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    call.inputs[0]!.dtype === "i8"
      ? ((call.family === "reduce" ? lowerReduce(call) : undefined) ??
        lowerSumI8("add_i8", call, call.attrs.activation))
      : lowerArithmetic("add_f32", call, call.attrs.activation),
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
