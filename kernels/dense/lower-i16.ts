/**
 * int16x8 lowering of dense, one form for every family. An i32 bias selects 32-bit sums, rounded twice; an i64 bias, or
 * none, 64-bit sums and TensorFlow Lite's 16-bit multiplier, rounded once. Weights may be computed.
 */
import { quantizedBounds } from "../activation.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, packWeights, paddedDepth, quantOf } from "../pack.ts";
import { checkSymmetric, chunkOf, doubleParams, hasNarrow, wideParams } from "../pack-i16.ts";
import type { DenseAttrs } from "./dense.ts";

export function lowerI16(call: LowerCall<DenseAttrs>): Lowered {
  const {
    inputs: [x, w, bias],
    outputs: [out],
    attrs,
    constant,
    isConstant,
    family,
  } = call;
  checkSymmetric("dense", [x!, w!, out!]);
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const biases = bias && constant(2);
  const sum32 = bias?.dtype === "i32";
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), "i16");
  const chunk = chunkOf(isConstant(1) ? (constant(1) as Int8Array) : undefined, n, k);
  if (hasNarrow(family) && isConstant(1) && (sum32 || chunk === k)) return lowerNarrow(call);
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

/** 32-bit sums through the family's micro-kernel; TensorFlow Lite's 32-bit sums wrap and so do these. */
function lowerNarrow({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
  family,
}: LowerCall<DenseAttrs>): Lowered {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const sum32 = bias?.dtype === "i32";
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), "i16");
  return {
    kernel: "dense_i16_narrow",
    file: "dense.i16narrow",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      ...[elements(x!.shape) / k, k, n, sum32 ? 1 : 0, lo, hi].map(i32),
    ],
    consts: [
      { name: "weights", data: packWeights(constant(1) as Int8Array, n, k, family) },
      { name: "channels", data: (sum32 ? doubleParams : wideParams)(x!, w!, out!, bias && constant(2), n) },
    ],
    scratchBytes: paddedDepth(k) * 2,
  };
}
