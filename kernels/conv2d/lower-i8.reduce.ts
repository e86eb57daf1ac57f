/** int8 lowering of conv2d, reduce family: VMLADAVA over patches, four channels by two pixels. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { isPositive, packBlocks, reduceChannels } from "../isa/pack-reduce.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";

/** Undefined where a multiplier is 1/2 or more. */
export function lowerReduce({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
}: LowerCall<ConvAttrs>): Lowered | undefined {
  const oc = w!.shape[0]!;
  const ic = x!.shape[3]!;
  const k = elements(w!.shape.slice(1));
  const weights = constant(1) as Int8Array;
  const channels = reduceChannels(
    [x!, w!, out!],
    bias && (constant(2) as Int32Array),
    weights,
    [oc, k],
    (c, i) => c * k + i,
  );
  if (!channels) return undefined;
  const geometry = geometryOf("conv2d", x!.shape, w!.shape.slice(1, 3), attrs);
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const padded = ({ input, output, stride, before }: typeof geometry.h) => before > 0 || (output - 1) * stride >= input;
  const direct = k === ic && ic % 16 === 0 && !padded(geometry.h) && !padded(geometry.w);
  return {
    kernel: isPositive(attrs.activation, out!) ? "conv2d_i8_reduce_positive" : "conv2d_i8_reduce",
    file: "conv2d.reduce",
    requantize: "saturating",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.output(0),
      ptr.scratch(),
      i32(x!.shape[0]!),
      ...geometryArgs(geometry, ic, oc),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
      i32(direct ? 1 : 0),
    ],
    consts: [{ name: "blocks", data: packBlocks(channels, weights, oc, k) }],
    scratchBytes: 32 + (direct ? 0 : 2 * ((k + 15) & ~15)),
  };
}
