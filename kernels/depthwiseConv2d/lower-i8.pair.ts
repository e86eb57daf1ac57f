/** int8 lowering of depthwiseConv2d for the pair family: 3 x 3 windows over four channels at a time. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, type Geometry, geometryOf } from "../conv/geometry.ts";
import { pairChannels } from "../isa/pack-pair.ts";
import { elements, type LowerCall, type Lowered, ptr } from "../op.ts";
import { multipliersOf, quantOf } from "../pack.ts";

type Axis = Geometry["h"];

/** Outputs of a tile along u; taps of a window; channels of a group, and bytes of a widened column of them. */
const TILE = 3;
const TAPS = 9;
const GROUP = 4;
const COLUMN_BYTES = 8;
/** Bytes of a strip where more than one row of outputs fits. */
const STRIP_BYTES = 3072;
/** Instructions of a tile, and around a row of them: what the choice of the axis along which tiles run weighs. */
const TILE_COST = 110;
const ROW_COST = 25;

/**
 * undefined: windows other than 3 x 3, dilation, strides past 2 along the tiles, channel multipliers, channel counts
 * that are no multiple of 4, fewer than three outputs along both axes, multipliers of 1 and more.
 */
export function lowerPair({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
}: LowerCall<ConvAttrs>): Lowered | undefined {
  const [batch, ih, iw, n] = x!.shape as readonly [number, number, number, number];
  const { h, w: across } = geometryOf("depthwiseConv2d", x!.shape, w!.shape.slice(1, 3), attrs);
  const isWindow = (a: Axis): boolean => a.kernel === 3 && a.dilation === 1;
  if (!isWindow(h) || !isWindow(across) || n % GROUP !== 0 || w!.shape[3] !== n) return undefined;
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const weights = byChannel(constant(1) as Int8Array, n);
  const channels = pairChannels(
    {
      weights,
      n,
      k: TAPS,
      bias: bias && (constant(2) as Int32Array),
      zeroPointIn: quantOf(x!).zeroPoint[0]!,
      zeroPointOut: quantOf(out!).zeroPoint[0]!,
      lo,
      hi,
      multipliers: multipliersOf(x!, w!, out!, n),
    },
    { packed: false, pairs: pairsOfGroups(n) },
  );
  if (!channels) return undefined;
  const oriented = [
    { u: across, v: h, source: [n, iw * n], target: [n, across.output * n] },
    { u: h, v: across, source: [iw * n, n], target: [across.output * n, n] },
  ].filter(({ u }) => u.output >= TILE && u.stride <= 2);
  const cost = ({ u, v }: { u: Axis; v: Axis }): number =>
    v.output * (Math.ceil(u.output / TILE) * TILE_COST + ROW_COST);
  const [best] = oriented.sort((a, b) => cost(a) - cost(b));
  if (!best) return undefined;
  const { u, v, source, target } = best;
  const width = Math.max((u.output - 1) * u.stride + 3, u.before);
  const rowBytes = width * COLUMN_BYTES;
  const fitting = Math.floor((STRIP_BYTES / rowBytes - 3) / v.stride) + 1;
  const strip = Math.min(Math.max(1, fitting), v.output);
  const geometry = Int32Array.of(
    ...[batch, n, u.input, v.input, u.output, v.output, u.stride, v.stride, u.before, v.before],
    ...[source[0]!, source[1]!, target[0]!, target[1]!, width, strip, quantOf(x!).zeroPoint[0]!],
    ...[ih * iw * n, elements(out!.shape) / batch, lo, hi],
  );
  return {
    kernel: channels.form === "high32" ? "depthwiseConv2d_i8_pair" : "depthwiseConv2d_i8_pair_mixed",
    file: "depthwiseConv2d.pair",
    requantize: channels.form,
    args: [ptr.input(0), ptr.const(0), ptr.output(0), ptr.scratch(), ptr.const(1)],
    consts: [
      { name: "taps", data: withTaps(weights, channels, u === h) },
      { name: "geometry", data: geometry },
    ],
    scratchBytes: ((strip - 1) * v.stride + 3) * rowBytes,
  };
}

/** [taps, n] as [n, taps]. */
const byChannel = (weights: Int8Array, n: number): Int8Array =>
  weights.map((_, i) => weights[(i % TAPS) * n + Math.floor(i / TAPS)]!);

/** Channels 0 and 2, 1 and 3 of every four: what SXTB16 and its rotated form give of four codes. */
const pairsOfGroups = (n: number): readonly (readonly [number, number])[] =>
  Array.from({ length: n / 2 }, (_, i) => {
    const even = (i >> 1) * GROUP + (i & 1);
    return [even, even + 2] as const;
  });

/** Each pair of channels: its starts, nine taps as halves of words, rows along v, a gap, the rest of its params. */
function withTaps(
  weights: Int8Array,
  { params, paramBytes }: { readonly params: Int32Array; readonly paramBytes: number },
  isTransposed: boolean,
): Int32Array {
  const words = paramBytes / 4;
  const n = weights.length / TAPS;
  const out = new Int32Array((n / 2) * (words + TAPS + 1));
  for (const [i, [even, odd]] of pairsOfGroups(n).entries()) {
    const at = i * (words + TAPS + 1);
    const param = params.subarray(i * words, (i + 1) * words);
    out.set(param.subarray(0, 2), at);
    for (let tap = 0; tap < TAPS; tap++) {
      const from = isTransposed ? (tap % 3) * 3 + Math.floor(tap / 3) : tap;
      out[at + 2 + tap] = (weights[even * TAPS + from]! & 0xffff) | (weights[odd * TAPS + from]! << 16);
    }
    out.set(param.subarray(2), at + 2 + TAPS + 1);
  }
  return out;
}
