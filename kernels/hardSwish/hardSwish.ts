import { add } from "../add/add.ts";
import { scalar } from "../constant.ts";
import { greater } from "../greater/greater.ts";
import { byDtype } from "../loops/by-dtype.ts";
import { ELEMENTWISE_SAMPLES, lowerElementwise } from "../loops/elementwise.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, type Op, type Tensor } from "../op.ts";
import { sub } from "../sub/sub.ts";
import { lowerI8 } from "./lower-i8.ts";

/** `x * min(max(x + 3, 0), 6) / 6`. f32 or int8. */
export const hardSwish: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "hardSwish",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x]) => [x!.data.map((v) => (v * Math.min(6, Math.max(0, v + 3))) / 6)],
  // (2x + 3) / 6 in (-3, 3), 0 below, 1 above.
  gradient: ({ inputs: [x], outGrads: [dy] }) => {
    const above = greater(x!, scalar(3));
    const inside = sub(greater(x!, scalar(-3)), above);
    const slope = add(mul(x!, scalar(1 / 3)), scalar(0.5));
    return [mul(dy!, add(mul(inside, slope), above))];
  },
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("hardSwish", call.inputs[0]!.dtype, {
      f32: () => lowerElementwise("hardSwish_f32", call),
      i8: () => lowerI8(call),
    }),
  samples: ELEMENTWISE_SAMPLES,
});
