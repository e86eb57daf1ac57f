/** Lowering of depthwiseConv2d with int8 activations and int4 weights, one form for every family. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, quantOf } from "../pack.ts";
import { packInt4 } from "../pack-i4.ts";

export function lowerI4({ inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<ConvAttrs>): Lowered {
  const [, kh, kw, oc] = w!.shape as readonly [number, number, number, number];
  const weights = constant(1) as Int8Array;
  // [taps, oc] to [oc, taps], so that a channel's taps are pairs of a byte.
  const byChannel = Int8Array.from(weights, (_, i) => weights[(i % (kh * kw)) * oc + Math.floor(i / (kh * kw))]!);
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "depthwiseConv2d_i8_w4",
    file: "depthwiseConv2d.i4",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      i32(x!.shape[0]!),
      ...geometryArgs(geometryOf("depthwiseConv2d", x!.shape, [kh, kw], attrs), x!.shape[3]!, oc),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: packInt4(byChannel, oc, kh * kw) },
      { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), oc) },
    ],
  };
}
