/** int8 lowering of dense for the pair family: a widened row by four output channels (kernels/isa/row.pair.as.ts). */
import { quantizedBounds } from "../activation.ts";
import { groupsOfTwo, halfwordOrder, neighbours, pairChannels, pairWeights } from "../isa/pack-pair.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { multipliersOf, quantOf } from "../pack.ts";
import type { DenseAttrs } from "./dense.ts";

/** Halfwords that a turn of the inner loop takes, and output channels. */
const HALFWORDS = 16;
const CHANNELS = 4;

/** undefined: multipliers of 1 and more, and the rare weights that the packing cannot hold. */
export function lowerPair({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
}: LowerCall<DenseAttrs>): Lowered | undefined {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const layer = {
    weights: constant(1) as Int8Array,
    n,
    k,
    bias: bias && (constant(2) as Int32Array),
    zeroPointIn: quantOf(x!).zeroPoint[0]!,
    zeroPointOut: quantOf(out!).zeroPoint[0]!,
    lo,
    hi,
    multipliers: multipliersOf(x!, w!, out!, n),
  };
  const pairing = neighbours(n, CHANNELS);
  const channels = pairChannels(layer, pairing);
  if (!channels) return undefined;
  const isWordwise = k % 4 === 0;
  const order = halfwordOrder(1, k, isWordwise ? 4 : 2, HALFWORDS);
  const padded = pairing.pairs.length * 2;
  return {
    kernel: "dense_i8_pair",
    file: "dense.pair",
    requantize: channels.form,
    args: [
      ...[ptr.input(0), ptr.const(0), ptr.const(1), ptr.output(0), ptr.scratch()],
      ...[elements(x!.shape) / k, k, n, order.length / 2, Number(isWordwise), channels.paramBytes, lo, hi].map(i32),
    ],
    consts: [
      { name: "weights", data: groupsOfTwo(pairWeights(layer, pairing, order), order.length / 2) },
      { name: "channels", data: channels.params },
    ],
    scratchBytes: order.length * 2 + (n === padded ? 0 : padded),
  };
}
