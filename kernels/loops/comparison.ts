/** What the comparisons share: two operands of one dtype, a bool output. */
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, i32, type LowerCall, type Lowered, type Op, requires, showType, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";
import { broadcastShape, lowerBinary, referenceBinary } from "./broadcast.ts";
import { BROADCAST_SAMPLES } from "./broadcast-samples.ts";
import { byDtype } from "./by-dtype.ts";
import { sequential } from "./sequential.ts";

export const comparison = (
  name: string,
  holds: (x: number, y: number) => boolean,
): Op<[a: Tensor, b: Tensor], Record<never, never>> =>
  defineOp({
    name,
    attrs: {},
    infer: ([a, b]) => {
      requires(
        a!.dtype === b!.dtype,
        () => `${name}: operands are ${showType(a!)} and ${showType(b!)}, expected one dtype`,
      );
      return [{ dtype: "bool", shape: broadcastShape(name, a!.shape, b!.shape) }];
    },
    reference: (inputs, _attrs, [out]) => referenceBinary(inputs, out!, (x, y) => (holds(x, y) ? 1 : 0)),
    gradient: () => [undefined, undefined],
    quantize: { unsupported: `${name} makes a bool tensor, which is not quantized` },
    macs: () => 0,
    kernels: { wasm: ["f32", "i32", "i8"], cpu: [] },
    lower: (call) =>
      byDtype(name, call.inputs[0]!.dtype, {
        f32: () => lowerBinary(`${name}_f32`, call, []),
        i32: () => lowerBinary(`${name}_i32`, call, []),
        i8: () => lowerI8(name, call),
      }),
    samples: [
      ...BROADCAST_SAMPLES,
      {
        inputs: [
          [3, 17],
          [3, 17],
        ],
        dtypes: ["i32", "i32"],
        range: [-2, 2],
        note: "many equal",
      },
    ],
  });

/** TFLite multiplies by the scales themselves, which must be below 1. */
function lowerI8(name: string, call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const operands = call.inputs.map((t) => {
    const { scale, zeroPoint } = quantOf(t);
    requires(scale[0]! < 1, () => `${name}: int8 operand has scale ${scale[0]}, expected below 1 (requantize it)`);
    const { m, shift } = quantizeMultiplier(scale[0]!);
    return [i32(zeroPoint[0]!), i32(m), i32(shift)];
  });
  return sequential(lowerBinary(`${name}_i8`, call, operands.flat()));
}
