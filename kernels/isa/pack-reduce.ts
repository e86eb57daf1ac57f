/** Constants of the reduce family's kernels (rows.reduce.as.ts, depthwiseConv2d.reduce.as.ts). */
import { quantizedBounds } from "../activation.ts";
import type { TensorType } from "../op.ts";
import { channelParams, quantOf } from "../pack.ts";

export interface Channels {
  /** i32 [n]: bias, less the input zero point times the channel's sum of weights (wraps, as sums do). */
  readonly start: Int32Array;
  readonly multiplier: Int32Array;
  /** Counts of VRSHL: -31 to -1. */
  readonly shift: Int32Array;
}

/**
 * Per-channel constants of an operator whose weights are i8 with channel `c` at `at(c, i)`, i < k. Undefined where a
 * channel's multiplier is 1/2 or more: the vector form has no left shift before its product.
 */
export function reduceChannels(
  [x, w, out]: readonly [TensorType, TensorType, TensorType],
  bias: Int32Array | undefined,
  weights: Int8Array,
  [n, k]: readonly [n: number, k: number],
  at: (channel: number, i: number) => number,
): Channels | undefined {
  const params = channelParams(x, w, out, bias, n);
  const zeroPoint = quantOf(x).zeroPoint[0]!;
  const channels = { start: new Int32Array(n), multiplier: new Int32Array(n), shift: new Int32Array(n) };
  for (let c = 0; c < n; c++) {
    const [start, m, shift] = [params[c * 3]!, params[c * 3 + 1]!, params[c * 3 + 2]!];
    if (m !== 0 && shift >= 0) return undefined;
    let sum = 0;
    for (let i = 0; i < k; i++) sum += weights[at(c, i)]!;
    channels.start[c] = (start - zeroPoint * sum) | 0;
    channels.multiplier[c] = m;
    channels.shift[c] = m === 0 ? -1 : shift;
  }
  return channels;
}

/** Whether every negative quotient is clamped away. */
export const isPositive = (activation: string, out: TensorType): boolean =>
  quantizedBounds(activation, quantOf(out))[0] >= quantOf(out).zeroPoint[0]!;

/** The blocks of rows.reduce.as.ts: `weights` is [n, k] row-major. */
export function packBlocks(
  { start, multiplier, shift }: Channels,
  weights: Int8Array,
  n: number,
  k: number,
): Int8Array {
  const depth = (k + 15) & ~15;
  const stride = 16 + depth * 4 + 32;
  const out = new Int8Array(((n + 3) >> 2) * stride);
  const words = new Int32Array(out.buffer);
  for (let c = 0; c < n; c++) {
    const block = (c >> 2) * stride;
    const lane = c & 3;
    words[block / 4 + lane] = start[c]!;
    for (let i = 0; i < k; i++) out[block + 16 + (i >> 4) * 64 + lane * 16 + (i & 15)] = weights[c * k + i]!;
    const behind = (block + 16 + depth * 4) / 4;
    words[behind + lane] = multiplier[c]!;
    words[behind + 4 + lane] = shift[c]!;
  }
  return out;
}

/** Channel of lane `i` of vector `v` of a block of 16: products of even and odd bytes, widened even and odd. */
const lane = (v: number, i: number): number => 4 * i + v;

/** The blocks of depthwiseConv2d.reduce.as.ts: `weights` is [taps, n]; n < 16 repeats where it divides 16. */
export function packLanes(
  { start, multiplier, shift }: Channels,
  weights: Int8Array,
  n: number,
  taps: number,
  repeat: boolean,
): Int8Array {
  const stride = 192 + taps * 16;
  const blocks = (n + 15) >> 4;
  const out = new Int8Array(blocks * stride);
  const words = new Int32Array(out.buffer);
  for (let block = 0; block < blocks; block++) {
    const channel = (i: number) => (repeat ? i % n : block * 16 + i);
    const put = (at: number, values: Int32Array) => {
      for (let v = 0; v < 4; v++)
        for (let i = 0; i < 4; i++) words[(block * stride + at) / 4 + v * 4 + i] = values[channel(lane(v, i))] ?? 0;
    };
    put(0, start);
    for (let t = 0; t < taps; t++)
      for (let i = 0; i < 16; i++)
        if (channel(i) < n) out[block * stride + 64 + t * 16 + i] = weights[t * n + channel(i)]!;
    put(64 + taps * 16, multiplier);
    put(128 + taps * 16, shift);
  }
  return out;
}

/** Whether the products of taps `a` and `b` with any codes add up within 16 bits, in every channel. */
export function pairsFit(weights: Int8Array, n: number, pairs: readonly (readonly [number, number])[]): boolean {
  const most = (w: number) => Math.max(-128 * w, 127 * w);
  const least = (w: number) => Math.min(-128 * w, 127 * w);
  return pairs.every(([a, b]) => {
    for (let c = 0; c < n; c++) {
      const [p, q] = [weights[a * n + c]!, weights[b * n + c]!];
      if (most(p) + most(q) > 32767 || least(p) + least(q) < -32768) return false;
    }
    return true;
  });
}
