/**
 * int8 lowering of conv2d for the scalar family. With a long multiply two pixels share each product
 * (kernels/isa/tile.scalar.as.ts); without one, unsigned bytes are multiplied and the sums corrected.
 */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryOf } from "../conv/geometry.ts";
import { longChannels, pairsFit, quadWeights, type ScalarLayer, shortChannels } from "../isa/pack-scalar.ts";
import { elements, type LowerCall, type Lowered, ptr } from "../op.ts";
import { multipliersOf, paddedDepth, quantOf } from "../pack.ts";

/** undefined where a pair of pixels may leave its accumulator. */
export function lowerScalar({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  longMultiply = false,
  constant,
}: LowerCall<ConvAttrs>): Lowered | undefined {
  const [n, kh, kw, ic] = w!.shape as readonly [number, number, number, number];
  const { h, w: across } = geometryOf("conv2d", x!.shape, [kh, kw], attrs);
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const layer: ScalarLayer = {
    weights: constant(1) as Int8Array,
    n,
    k: kh * kw * ic,
    bias: bias && (constant(2) as Int32Array),
    zeroPointIn: quantOf(x!).zeroPoint[0]!,
    zeroPointOut: quantOf(out!).zeroPoint[0]!,
    lo,
    hi,
    multipliers: multipliersOf(x!, w!, out!, n),
  };
  if (longMultiply && !pairsFit(layer)) return undefined;
  const depth = paddedDepth(layer.k);
  const channels = longMultiply ? longChannels(layer, 0) : shortChannels(layer);
  const geometry = Int32Array.of(
    elements(out!.shape) / n,
    h.input,
    across.input,
    ic,
    h.output,
    across.output,
    n,
    kh,
    kw,
    h.stride,
    across.stride,
    h.dilation,
    across.dilation,
    h.before,
    across.before,
    layer.zeroPointIn,
    depth,
    Number(channels.form === "exact64"),
    layer.zeroPointOut,
    lo,
    hi,
    channels.lowBits,
  );
  return {
    kernel: longMultiply ? "conv2d_i8_long" : "conv2d_i8_short",
    file: "conv2d.scalar",
    requantize: channels.form,
    args: [ptr.input(0), ptr.const(0), ptr.const(1), ptr.output(0), ptr.scratch(), ptr.const(2)],
    consts: [
      { name: "weights", data: quadWeights(layer, depth, longMultiply ? 0 : 128) },
      { name: "channels", data: channels.params },
      { name: "geometry", data: geometry },
    ],
    scratchBytes: longMultiply ? depth * 4 : depth,
  };
}
