/**
 * int16x8 lowering of dense, one form for every family. An i32 bias selects 32-bit sums, rounded twice; an i64 bias, or
 * none, 64-bit sums and TensorFlow Lite's 16-bit multiplier, rounded once. Weights may be computed.
 */
import { quantizedBounds } from "../activation.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, quantOf } from "../pack.ts";
import { checkSymmetric, chunkOf, wideParams } from "../pack-i16.ts";
import type { DenseAttrs } from "./dense.ts";

export function lowerI16({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
  isConstant,
}: LowerCall<DenseAttrs>): Lowered {
  checkSymmetric("dense", [x!, w!, out!]);
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const biases = bias && constant(2);
  const sum32 = bias?.dtype === "i32";
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), "i16");
  const chunk = chunkOf(isConstant(1) ? (constant(1) as Int8Array) : undefined, n, k);
  return {
    kernel: sum32 ? "dense_i16_sum32" : "dense_i16",
    file: "dense.i16",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.input(1),
      ptr.const(0),
      ptr.output(0),
      i32(elements(x!.shape) / k),
      i32(k),
      i32(n),
      ...(sum32 ? [] : [i32(chunk)]),
      i32(lo),
      i32(hi),
    ],
    consts: [
      {
        name: "channels",
        data: sum32 ? channelParams(x!, w!, out!, biases as Int32Array, n) : wideParams(x!, w!, out!, biases, n),
      },
    ],
  };
}
