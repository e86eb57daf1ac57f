import { scalar } from "../constant.ts";
import { floorDiv } from "../floorDiv/floorDiv.ts";
import { broadcastShape, lowerBinary, referenceBinary, unbroadcast } from "../loops/broadcast.ts";
import { BROADCAST_SAMPLES } from "../loops/broadcast-samples.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** `a - b floor(a / b)`, broadcast and exact: the remainder with the sign of b. f32. */
export const floorMod: Op<[a: Tensor, b: Tensor], Record<never, never>> = defineOp({
  name: "floorMod",
  attrs: {},
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: broadcastShape("floorMod", a!.shape, b!.shape) }],
  reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, moduloOf),
  // d/db = -floor(a / b)
  gradient: ({ inputs: [a, b], outGrads: [dz] }) => [
    unbroadcast(dz!, a!.shape),
    unbroadcast(mul(mul(dz!, floorDiv(a!, b!)), scalar(-1)), b!.shape),
  ],
  quantize: { unsupported: "floorMod jumps between values; it has no int8 form" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: [] },
  lower: (call) => byDtype("floorMod", call.inputs[0]!.dtype, { f32: () => lowerBinary("floorMod_f32", call, []) }),
  samples: BROADCAST_SAMPLES.map((s) => ({ ...s, range: [0.3, 5] })),
});

function moduloOf(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}
