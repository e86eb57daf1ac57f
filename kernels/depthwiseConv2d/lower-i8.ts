/**
 * int8 lowering of depthwiseConv2d, a row a family: which kernel to call, its packed weights, its scratch.
 * `lowerExact` serves any family: one channel at a time, exact 64-bit requantization.
 */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { type Family, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, quantOf } from "../pack.ts";
import { DOT4, PAIRDOT } from "../pack-simd.ts";
import { lowerPair } from "./lower-i8.pair.ts";
import { lowerReduce } from "./lower-i8.reduce.ts";
import { lowerScalar } from "./lower-i8.scalar.ts";
import { lowerSimd } from "./lower-i8.simd.ts";

export const LOWER_I8: Readonly<Record<Family, (call: LowerCall<ConvAttrs>) => Lowered>> = {
  scalar: lowerScalar,
  pair: (call) => lowerPair(call) ?? lowerExact(call),
  reduce: (call) => lowerReduce(call) ?? lowerExact(call),
  pairdot: (call) => lowerSimd(call, PAIRDOT) ?? lowerExact(call),
  dot4: (call) => lowerSimd(call, DOT4) ?? lowerExact(call),
};

export function lowerExact({ inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<ConvAttrs>): Lowered {
  const oc = w!.shape[3]!;
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "depthwiseConv2d_i8",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      i32(x!.shape[0]!),
      ...geometryArgs(geometryOf("depthwiseConv2d", x!.shape, w!.shape.slice(1, 3), attrs), x!.shape[3]!, oc),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: constant(1) as Int8Array },
      { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), oc) },
    ],
  };
}
