import { broadcastShape, lowerBinary, referenceBinary } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** `a > b ? 1 : 0` as f32, broadcast: a mask to multiply by. Its gradient is zero. */
export const greater: Op<[a: Tensor, b: Tensor], Record<never, never>> = defineOp({
  name: "greater",
  attrs: {},
  infer: ([a, b]) => [{ dtype: "f32", shape: broadcastShape("greater", a!.shape, b!.shape) }],
  reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, (x, y) => (x > y ? 1 : 0)),
  gradient: () => [undefined, undefined],
  quantize: { unsupported: "greater has no int8 kernel" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => lowerBinary("greater_f32", call, []),
  samples: BROADCAST_SAMPLES,
});
