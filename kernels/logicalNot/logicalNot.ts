import { byDtype } from "../loops/by-dtype.ts";
import { lowerElementwise } from "../loops/elementwise.ts";
import { defineOp, type Op, requires, showType, type Tensor } from "../op.ts";

/** `not x` of a bool tensor. */
export const logicalNot: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "logicalNot",
  attrs: {},
  infer: ([x]) => {
    requires(x!.dtype === "bool", () => `logicalNot: operand is ${showType(x!)}, expected bool`);
    return [{ dtype: "bool", shape: x!.shape }];
  },
  reference: ([x]) => [x!.data.map((v) => (v === 0 ? 1 : 0))],
  quantize: { unsupported: "logicalNot works on bool tensors, which are not quantized" },
  macs: () => 0,
  kernels: { wasm: ["bool"], cpu: [] },
  lower: (call) =>
    byDtype("logicalNot", call.inputs[0]!.dtype, { bool: () => lowerElementwise("logicalNot_bool", call) }),
  samples: [{ inputs: [[3, 7]], dtypes: ["bool"], range: [0, 1] }],
});
