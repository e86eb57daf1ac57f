import { activate } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import {
  broadcastShape,
  lowerArithmetic,
  lowerArithmeticI32,
  referenceBinary,
  unbroadcast,
} from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { lowerSumInteger } from "../loops/sum-integer.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";
import { lowerReduce } from "./lower-i8.reduce.ts";

type Attrs = { activation: string };

/** `activation(a + b)`, broadcast. f32, i32, int8 or int16. */
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
  kernels: { wasm: ["f32", "i8", "i16", "i32"], cpu: ["f32"] },
  lower: (call) => {
    const { activation } = call.attrs;
    return byDtype("add", call.inputs[0]!.dtype, {
      f32: () => lowerArithmetic("add_f32", call, activation),
      i32: () => lowerArithmeticI32("add_i32", call, activation),
      i8: () =>
        (call.family === "reduce" ? lowerReduce(call) : undefined) ?? lowerSumInteger("add", "i8", call, activation),
      i16: () => lowerSumInteger("add", "i16", call, activation),
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
