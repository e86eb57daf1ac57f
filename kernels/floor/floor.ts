import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Largest whole number not above `x`. f32. Its gradient is zero. */
export const floor: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "floor",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.floor(v))],
  gradient: () => [undefined],
  quantize: { unsupported: "floor jumps between codes; an int8 form would be off by one near whole numbers" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => byDtype("floor", call.inputs[0]!.dtype, { f32: () => lowerElementwise("floor_f32", call) }),
  samples: ELEMENTWISE_SAMPLES,
});
