/** Lowering of dense with int8 activations and int4 weights, packed two a byte, one form for every family. */
import { quantizedBounds } from "../activation.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, quantOf } from "../pack.ts";
import { packInt4, paddedPairs } from "../pack-i4.ts";
import type { DenseAttrs } from "./dense.ts";

export function lowerI4({ inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<DenseAttrs>): Lowered {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "dense_i8_w4",
    file: "dense.i4",
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
      { name: "weights", data: packInt4(constant(1) as Int8Array, n, k) },
      { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), n) },
    ],
    scratchBytes: paddedPairs(k) * 2,
  };
}
