/**
 * int8 lowering of conv2d for the pair family: four pixels at a time are gathered and widened, then multiplied by two
 * output channels at a time (kernels/isa/tile.pair.as.ts).
 */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryOf } from "../conv/geometry.ts";
import { halfwordOrder, neighbours, pairChannels, pairWeights } from "../isa/pack-pair.ts";
import { elements, type LowerCall, type Lowered, ptr } from "../op.ts";
import { multipliersOf, quantOf } from "../pack.ts";

/** Pixels of a tile; halfwords that a turn of the inner loop takes. */
const PIXELS = 4;
const HALFWORDS = 8;
const align4 = (n: number): number => (n + 3) & ~3;

/**
 * undefined: odd channel counts, dilated columns, multipliers of 1 and more, and the rare weights that the packing
 * cannot hold.
 */
export function lowerPair({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
}: LowerCall<ConvAttrs>): Lowered | undefined {
  const [n, kh, kw, ic] = w!.shape as readonly [number, number, number, number];
  const window = geometryOf("conv2d", x!.shape, [kh, kw], attrs);
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const layer = {
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
  const channels =
    n % 2 === 0 && (window.w.dilation === 1 || kw === 1) ? pairChannels(layer, neighbours(n)) : undefined;
  if (!channels) return undefined;
  const run = kw * ic;
  const isWordwise = ic % 4 === 0;
  const order = halfwordOrder(kh, run, isWordwise ? 4 : 2, HALFWORDS);
  // A 1x1 convolution without stride or padding sees one row of all pixels.
  const isFlat =
    kh * kw * window.h.stride * window.w.stride === 1 &&
    window.h.output === window.h.input &&
    window.w.output === window.w.input;
  const pixels = elements(out!.shape) / n;
  const image = isFlat
    ? { ih: 1, iw: pixels, oh: 1, ow: pixels }
    : { ih: window.h.input, iw: window.w.input, oh: window.h.output, ow: window.w.output };
  const geometry = Int32Array.of(
    pixels,
    image.ih,
    image.iw,
    ic,
    image.oh,
    image.ow,
    n,
    kh,
    kw,
    window.h.stride,
    window.w.stride,
    window.h.dilation,
    window.h.before,
    window.w.before,
    layer.zeroPointIn,
    order.length / 2,
    Number(isWordwise),
    lo,
    hi,
  );
  const fewPixels = pixels < PIXELS ? PIXELS * n : 0;
  return {
    kernel: channels.form === "high32" ? "conv2d_i8_pair" : "conv2d_i8_pair_mixed",
    file: "conv2d.pair",
    requantize: channels.form,
    args: [ptr.input(0), ptr.const(0), ptr.const(1), ptr.output(0), ptr.scratch(), ptr.const(2)],
    consts: [
      { name: "weights", data: pairWeights(layer, neighbours(n), order) },
      { name: "channels", data: channels.params },
      { name: "geometry", data: geometry },
    ],
    scratchBytes: order.length * 2 * PIXELS + 2 * align4(run) + fewPixels,
  };
}
