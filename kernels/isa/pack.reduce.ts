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
    const [start, m, shift] = params.subarray(c * 3) as unknown as readonly [number, number, number];
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
