/** int8 lowering of depthwiseConv2d, reduce family: 16 channels a vector, over a ring of padded rows. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { isPositive, packLanes, pairsFit, reduceChannels } from "../isa/pack-reduce.ts";
import { i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";

/** Undefined where a channel has several outputs, a multiplier is 1/2 or more, or two taps overflow 16 bits. */
export function lowerReduce({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
}: LowerCall<ConvAttrs>): Lowered | undefined {
  const [, kh, kw, oc] = w!.shape as readonly [number, number, number, number];
  const ic = x!.shape[3]!;
  const taps = kh * kw;
  const weights = constant(1) as Int8Array;
  const geometry = geometryOf("depthwiseConv2d", x!.shape, [kh, kw], attrs);
  const { h, w: across } = geometry;
  const is3x3 = kh === 3 && kw === 3 && h.dilation === 1 && across.dilation === 1;
  // The 3x3 kernel pairs taps in order, the other one within a row.
  const pairs = Array.from({ length: taps - 1 }, (_, t) => [t, t + 1] as const).filter(([t]) =>
    is3x3 ? t % 2 === 0 : (t % kw) % 2 === 0 && (t % kw) + 1 < kw,
  );
  const channels = reduceChannels(
    [x!, w!, out!],
    bias && (constant(2) as Int32Array),
    weights,
    [oc, taps],
    (c, t) => t * oc + c,
  );
  if (oc !== ic || !channels || !pairsFit(weights, oc, pairs)) return undefined;
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const columns = (across.output - 1) * across.stride + (kw - 1) * across.dilation + 1;
  const lanes = across.stride === 1 && ic < 16 && 16 % ic === 0 ? 16 / ic : 1;
  const args = geometryArgs(geometry, ic, oc);
  const [ih, iw, channelsIn, oh, ow, , , , sh, sw, , , top, left] = args as readonly [...typeof args];
  const generic = [
    ih,
    iw,
    channelsIn,
    oh,
    ow,
    i32(kh),
    i32(kw),
    sh,
    sw,
    i32(h.dilation),
    i32(across.dilation),
    top,
    left,
  ];
  const plain = [ih, iw, channelsIn, oh, ow, sh, sw, top, left];
  const name = is3x3 ? `3x3${isPositive(attrs.activation, out!) ? "_positive" : ""}` : "";
  return {
    kernel: `depthwiseConv2d_i8_reduce${name}`,
    file: "depthwiseConv2d.reduce",
    requantize: "saturating",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.output(0),
      ptr.scratch(),
      i32(x!.shape[0]!),
      ...(is3x3 ? plain : generic).map((a) => a!),
      i32(columns),
      i32(lanes),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [{ name: "blocks", data: packLanes(channels, weights, oc, taps, lanes > 1) }],
    scratchBytes: (is3x3 ? 48 : 0) + kh * ((ic + 15) >> 4) * columns * 16 + columns * ic + 16,
  };
}
