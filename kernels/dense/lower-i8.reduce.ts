/** int8 lowering of dense, reduce family: VMLADAVA, four channels by one row. */
import { quantizedBounds } from "../activation.ts";
import { isPositive, packBlocks, reduceChannels } from "../isa/pack-reduce.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";
import type { DenseAttrs } from "./dense.ts";

/** Undefined where a multiplier is 1/2 or more. */
export function lowerReduce({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
}: LowerCall<DenseAttrs>): Lowered | undefined {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const weights = constant(1) as Int8Array;
  const channels = reduceChannels(
    [x!, w!, out!],
    bias && (constant(2) as Int32Array),
    weights,
    [n, k],
    (c, i) => c * k + i,
  );
  if (!channels) return undefined;
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: isPositive(attrs.activation, out!) ? "dense_i8_reduce_positive" : "dense_i8_reduce",
    file: "dense.reduce",
    requantize: "saturating",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.output(0),
      i32(elements(x!.shape) / k),
      i32(k),
      i32(n),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [{ name: "blocks", data: packBlocks(channels, weights, n, k) }],
  };
}
