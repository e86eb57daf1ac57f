/**
 * Packing for the pair family's tile and row kernels (tile.pair.as.ts, row.pair.as.ts): weights of two output
 * channels in one halfword, and the requantization of each pair of channels.
 */
import { type High32, proveHigh32 } from "../numerics/forms/high32.ts";
import { exactCode, type RequantizeChannel, reachableSums } from "../numerics/prove.ts";
import type { Multiplier } from "../numerics/requantize.ts";

/** What one output channel computes: sum_i x_i * weights[i] + bias, x_i a code of zero point `zeroPointIn`. */
export interface PairLayer {
  /** [n, k] row-major. */
  readonly weights: Int8Array;
  readonly n: number;
  readonly k: number;
  readonly bias: Int32Array | undefined;
  readonly zeroPointIn: number;
  readonly zeroPointOut: number;
  readonly lo: number;
  readonly hi: number;
  readonly multipliers: readonly Multiplier[];
}

export interface PairChannels {
  readonly form: "high32" | "exact64";
  /** i32 [n / 2][form words]: as the kernels read them. */
  readonly params: Int32Array;
}

/** Words a pair of channels in params. */
export const HIGH32_WORDS = 6;
export const EXACT64_WORDS = 10;

/** The even channel's sum lives in the upper 24 bits of an accumulator. */
const EVEN_LIMIT = 2 ** 23;
/** From this shift on zero point and product may leave 63 bits. */
const MAX_RIGHT_SHIFT = 23;

/** Channels of the layer with their reachable sums, one that only pads `n` to an even number included. */
function channelsOf(layer: PairLayer): readonly RequantizeChannel[] {
  const { weights, n, k, bias, zeroPointIn, zeroPointOut, lo, hi, multipliers } = layer;
  return Array.from({ length: n + (n & 1) }, (_, c) => {
    const row = weights.subarray(c * k, (c + 1) * k);
    const [sumLo, sumHi] = c < n ? reachableSums(row, bias?.[c] ?? 0, zeroPointIn) : [0, 0];
    const { m, shift } = c < n ? multipliers[c]! : { m: 0, shift: 0 };
    return { m, shift, zeroPoint: zeroPointOut, lo, hi, sumLo, sumHi };
  });
}

/** Whether the pair kernels can compute the layer at all; where not, a kernel of the exact form serves it. */
function fits(layer: PairLayer, channels: readonly RequantizeChannel[]): boolean {
  const { weights, k, n } = layer;
  for (let c = 0; c + 1 < n; c += 2)
    for (let i = 0; i < k; i++) if (weights[c * k + i]! === -128 && weights[(c + 1) * k + i]! < 0) return false;
  return channels.every((c, i) => i & 1 || (c.sumLo >= -EVEN_LIMIT && c.sumHi < EVEN_LIMIT));
}

/** Parameters of every pair of channels; undefined where the pair kernels cannot compute the layer. */
export function pairChannels(layer: PairLayer): PairChannels | undefined {
  const channels = channelsOf(layer);
  if (!fits(layer, channels)) return undefined;
  const proved = channels.map((c, i) => proveHigh32(c, i & 1 ? 0 : 8));
  if (proved.every((p) => p !== undefined)) return { form: "high32", params: high32Params(layer, proved) };
  return exact64Params(layer, channels);
}

/** Bias with the zero point of the input folded in: the kernels multiply codes. */
function foldedBias({ weights, k, n, bias, zeroPointIn }: PairLayer, c: number): number {
  if (c >= n) return 0;
  let sum = 0;
  for (let i = 0; i < k; i++) sum += weights[c * k + i]!;
  return (bias?.[c] ?? 0) - zeroPointIn * sum;
}

/** Starts of the two accumulators: 256 A + B, and B. */
const starts = (even: number, odd: number): readonly [number, number] => [(Math.imul(even, 256) + odd) | 0, odd];

function high32Params(layer: PairLayer, proved: readonly High32[]): Int32Array {
  const params = new Int32Array((proved.length / 2) * HIGH32_WORDS);
  for (let c = 0; c < proved.length; c += 2) {
    const [even, odd] = [proved[c]!, proved[c + 1]!];
    params.set(
      [
        ...starts(foldedBias(layer, c) + even.start, foldedBias(layer, c + 1) + odd.start),
        ...[even.multiplier, even.offset, odd.multiplier, odd.offset],
      ],
      (c / 2) * HIGH32_WORDS,
    );
  }
  return params;
}

function exact64Params(layer: PairLayer, channels: readonly RequantizeChannel[]): PairChannels | undefined {
  const params = new Int32Array((channels.length / 2) * EXACT64_WORDS);
  for (let c = 0; c < channels.length; c += 2) {
    const [even, odd] = [exact64(channels[c]!), exact64(channels[c + 1]!)];
    if (!even || !odd) return undefined;
    params.set([...starts(foldedBias(layer, c), foldedBias(layer, c + 1)), ...even, ...odd], (c / 2) * EXACT64_WORDS);
  }
  return { form: "exact64", params };
}

/**
 * { multiplier, s - 1, low and high word of r }: code = ssat8((sum * m + r - (sum < 0 ? 2^31 : 0)) >> (31 + s)),
 * r = (zeroPoint << (31 + s)) + 2^(30 + s) + 2^30. A channel with one reachable code has multiplier 0.
 */
function exact64(c: RequantizeChannel): readonly number[] | undefined {
  const words = (r: bigint): readonly number[] => [Number(BigInt.asIntN(32, r)), Number(BigInt.asIntN(32, r >> 32n))];
  const code = exactCode(c, c.sumLo);
  if (code === exactCode(c, c.sumHi)) return [0, 0, ...words((BigInt(code) << 32n) + (1n << 31n))];
  if (c.shift > -1 || c.shift < -MAX_RIGHT_SHIFT) return undefined;
  const s = BigInt(-c.shift);
  return [c.m, -c.shift - 1, ...words((BigInt(c.zeroPoint) << (31n + s)) + (1n << (30n + s)) + (1n << 30n))];
}

/**
 * Weights of pairs of channels: i16 [n / 2][words][2]. `order` lists, halfword by halfword, which weight of a channel
 * stands there, -1 for none; its length is 2 * words.
 */
export function pairWeights({ weights, n, k }: PairLayer, order: readonly number[]): Int16Array {
  const rows = (n + 1) >> 1;
  const out = new Int16Array(rows * order.length);
  const at = (c: number, i: number): number => (c < n && i >= 0 ? weights[c * k + i]! : 0);
  for (let row = 0; row < rows; row++)
    for (const [h, i] of order.entries()) out[row * order.length + h] = 256 * at(row * 2, i) + at(row * 2 + 1, i);
  return out;
}

/**
 * Order of the halfwords where activations are widened four at a time (SXTB16 gives bytes 0 and 2, its rotated form
 * 1 and 3), or two at a time; runs of `run` weights start at a new word. Padded to a multiple of `multiple` halfwords.
 */
export function halfwordOrder(runs: number, run: number, step: 2 | 4, multiple: number): readonly number[] {
  const order: number[] = [];
  const within = step === 4 ? [0, 2, 1, 3] : [0, 1];
  for (let r = 0; r < runs; r++)
    for (let i = 0; i < run; i += step) for (const j of within) order.push(i + j < run ? r * run + i + j : -1);
  while (order.length % multiple !== 0) order.push(-1);
  return order;
}
