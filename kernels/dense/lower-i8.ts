/**
 * int8 lowering of dense, a row a family: which kernel to call, its packed weights, its scratch.
 * `lowerExact` serves any family: a widened row, then matvec_i8, exact 64-bit requantization.
 */
import { quantizedBounds } from "../activation.ts";
import { elements, type Family, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, packWeights, paddedDepth, quantOf } from "../pack.ts";
import { DOT4, PAIRDOT } from "../pack-simd.ts";
import type { DenseAttrs } from "./dense.ts";
import { lowerPair } from "./lower-i8.pair.ts";
import { lowerReduce } from "./lower-i8.reduce.ts";
import { lowerScalar } from "./lower-i8.scalar.ts";
import { lowerSimd } from "./lower-i8.simd.ts";

export const LOWER_I8: Readonly<Record<Family, (call: LowerCall<DenseAttrs>) => Lowered>> = {
  scalar: lowerScalar,
  pair: (call) => lowerPair(call) ?? lowerExact(call),
  reduce: (call) => lowerReduce(call) ?? lowerExact(call),
  pairdot: (call) => lowerSimd(call, PAIRDOT) ?? lowerExact(call),
  dot4: (call) => lowerSimd(call, DOT4) ?? lowerExact(call),
};

export function lowerExact({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  family,
  constant,
}: LowerCall<DenseAttrs>): Lowered {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "dense_i8",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      i32(elements(x!.shape) / k),
      i32(k),
      i32(n),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: packWeights(constant(1) as Int8Array, n, k, family) },
      { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), n) },
    ],
    scratchBytes: paddedDepth(k) * 2,
  };
}
