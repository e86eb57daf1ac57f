/** Lowering of conv2d with int8 activations and int4 weights, packed two a byte, one form for every family. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, quantOf } from "../pack.ts";
import { packInt4, paddedPairs } from "../pack-i4.ts";

export function lowerI4({ inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<ConvAttrs>): Lowered {
  const [oc, depth] = [w!.shape[0]!, elements(w!.shape.slice(1))];
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "conv2d_i8_w4",
    file: "conv2d.i4",
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
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: packInt4(constant(1) as Int8Array, oc, depth) },
      { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), oc) },
    ],
    scratchBytes: paddedPairs(depth) * 2,
  };
}
