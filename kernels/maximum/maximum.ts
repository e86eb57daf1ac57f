import { greater } from "../greater/greater.ts";
import { broadcastShape, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { lowerSelection } from "../loops/selection.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/**
 * `max(a, b)`, broadcast; b where they are equal or either is NaN. f32, i32, int8 or int16 (int16 at one scale). The gradient
 * goes to neither where they are equal.
 */
export const maximum: Op<[a: Tensor, b: Tensor], Record<never, never>> = defineOp({
  name: "maximum",
  attrs: {},
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShape("maximum", a!.shape, b!.shape) }],
  reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, (x, y) => (x > y ? x : y)),
  gradient: ({ inputs: [a, b], outGrads: [dz] }) => [
    unbroadcast(mul(dz!, greater(a!, b!)), a!.shape),
    unbroadcast(mul(dz!, greater(b!, a!)), b!.shape),
  ],
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16", "i32"], cpu: ["f32"] },
  lower: (call) => lowerSelection("maximum", call),
  samples: BROADCAST_SAMPLES,
});
