/**
 * int16x8 lowering of conv2d, one form for every family. An i32 bias selects 32-bit sums, rounded twice; an i64 bias, or
 * none, 64-bit sums and TensorFlow Lite's 16-bit multiplier, rounded once.
 */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, paddedDepth, quantOf } from "../pack.ts";
import { checkSymmetric, chunkOf, doubleParams, hasNarrow, wideParams } from "../pack-i16.ts";
import { packGroups } from "./lower-grouped.ts";

export function lowerI16(call: LowerCall<ConvAttrs>): Lowered {
  const {
    inputs: [x, w, bias],
    outputs: [out],
    attrs,
    constant,
    family,
  } = call;
  checkSymmetric("conv2d", [x!, w!, out!]);
  const [oc, depth] = [w!.shape[0]!, elements(w!.shape.slice(1))];
  const weights = constant(1) as Int8Array;
  const biases = bias && constant(2);
  const sum32 = bias?.dtype === "i32";
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), "i16");
  const chunk = chunkOf(weights, oc, depth);
  if (hasNarrow(family) && (sum32 || chunk === depth)) return lowerNarrow(call);
  return {
    kernel: sum32 ? "conv2d_i16_sum32" : "conv2d_i16",
    file: "conv2d.i16",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      i32(x!.shape[0]!),
      ...geometryArgs(geometryOf("conv2d", x!.shape, w!.shape.slice(1, 3), attrs), x!.shape[3]!, oc),
      i32(x!.shape[3]! / w!.shape[3]!),
      ...(sum32 ? [] : [i32(chunk)]),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: weights },
      {
        name: "channels",
        data: sum32 ? channelParams(x!, w!, out!, biases as Int32Array, oc) : wideParams(x!, w!, out!, biases, oc),
      },
    ],
    scratchBytes: depth * 2,
  };
}

/** 32-bit sums through the family's micro-kernel; TensorFlow Lite's 32-bit sums wrap and so do these. */
function lowerNarrow({ inputs: [x, w, bias], outputs: [out], attrs, constant, family }: LowerCall<ConvAttrs>): Lowered {
  const [oc, depth] = [w!.shape[0]!, elements(w!.shape.slice(1))];
  const groups = x!.shape[3]! / w!.shape[3]!;
  const { packed, groupBytes } = packGroups(constant(1) as Int8Array, oc, groups, depth, family);
  const sum32 = bias?.dtype === "i32";
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), "i16");
  return {
    kernel: "conv2d_i16_narrow",
    file: "conv2d.i16narrow",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      i32(x!.shape[0]!),
      ...geometryArgs(geometryOf("conv2d", x!.shape, w!.shape.slice(1, 3), attrs), x!.shape[3]!, oc),
      i32(groups),
      i32(groupBytes),
      i32(sum32 ? 1 : 0),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: packed },
      { name: "channels", data: (sum32 ? doubleParams : wideParams)(x!, w!, out!, bias && constant(2), oc) },
    ],
    scratchBytes: paddedDepth(depth) * 2,
  };
}
