import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Smallest whole number not below `x`. f32. Its gradient is zero. */
export const ceil: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "ceil",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => Math.ceil(v))],
  gradient: () => [undefined],
  quantize: { unsupported: "ceil jumps between codes; an int8 form would be off by one near whole numbers" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => byDtype("ceil", call.inputs[0]!.dtype, { f32: () => lowerElementwise("ceil_f32", call) }),
  samples: ELEMENTWISE_SAMPLES,
});
