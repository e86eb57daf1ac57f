import { broadcastShape, lowerBinary, referenceBinary } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { byDtype } from "../loops/by-dtype.ts";

import { defineOp, type Op, type Tensor } from "../op.ts";

/** `floor(a / b)`, broadcast; the quotient is rounded to f64 before. f32. Its gradient is zero. */
export const floorDiv: Op<[a: Tensor, b: Tensor], Record<never, never>> = defineOp({
  name: "floorDiv",
  attrs: {},
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShape("floorDiv", a!.shape, b!.shape) }],
  reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, (x, y) => Math.floor(x / y)),
  gradient: () => [undefined, undefined],
  quantize: { unsupported: "floorDiv jumps between values; it has no int8 form" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: [] },
  lower: (call) => byDtype("floorDiv", call.inputs[0]!.dtype, { f32: () => lowerBinary("floorDiv_f32", call, []) }),
  samples: BROADCAST_SAMPLES.map((s) => ({ ...s, range: [0.3, 5] })),
});
