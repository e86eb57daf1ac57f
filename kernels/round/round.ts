import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";

/** Nearest whole number, ties to even. f32. Its gradient is zero. */
export const round: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "round",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => roundHalfEven(v))],
  gradient: () => [undefined],
  quantize: { unsupported: "round jumps between codes; an int8 form would be off by one near whole numbers" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => byDtype("round", call.inputs[0]!.dtype, { f32: () => lowerElementwise("round_f32", call) }),
  samples: ELEMENTWISE_SAMPLES,
});

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const up = x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0);
  return up ? below + 1 : below;
}
