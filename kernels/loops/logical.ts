/** What logicalAnd and logicalOr share: bool operands, a bool output. */
import { defineOp, type Op, requires, showType, type Tensor } from "../op.ts";
import { broadcastShape, lowerBinary, referenceBinary } from "./broadcast.ts";
import { BROADCAST_SAMPLES } from "./broadcast-samples.ts";
import { byDtype } from "./by-dtype.ts";

export const logical = (
  name: string,
  holds: (x: number, y: number) => boolean,
): Op<[a: Tensor, b: Tensor], Record<never, never>> =>
  defineOp({
    name,
    attrs: {},
    infer: ([a, b]) => {
      requires(
        a!.dtype === "bool" && b!.dtype === "bool",
        () => `${name}: operands are ${showType(a!)} and ${showType(b!)}, expected bool`,
      );
      return [{ dtype: "bool", shape: broadcastShape(name, a!.shape, b!.shape) }];
    },
    reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, (x, y) => (holds(x, y) ? 1 : 0)),
    quantize: { unsupported: `${name} works on bool tensors, which are not quantized` },
    macs: () => 0,
    kernels: { wasm: ["bool"], cpu: [] },
    lower: (call) => byDtype(name, call.inputs[0]!.dtype, { bool: () => lowerBinary(`${name}_bool`, call, []) }),
    samples: BROADCAST_SAMPLES.map((s) => ({ ...s, dtypes: ["bool", "bool"], range: [0, 1] })),
  });
