/**
 * Packing for the scalar family's kernels (tile.scalar.as.ts, depthwiseConv2d.scalar.as.ts): weights of four output
 * channels side by side, and each channel's requantization with the zero point of the input folded into its start.
 */
import { proveHigh32 } from "../numerics/forms/high32.ts";
import { lowBitsOf, proveSplit32 } from "../numerics/forms/split32.ts";
import { type RequantizeChannel, reachableSums } from "../numerics/prove.ts";
import type { Multiplier } from "../numerics/requantize.ts";
import type { RequantizeForm } from "../op.ts";

/** What one output channel computes: bias + sum_i (x_i - zeroPointIn) * weights[i], then its requantization. */
export interface ScalarLayer {
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

export interface ScalarChannels {
  readonly form: RequantizeForm;
  /** i32 [n][LONG_WORDS or SHORT_WORDS], as the kernels read them. */
  readonly params: Int32Array;
  /** Of form split32, else 0. */
  readonly lowBits: number;
}

/** Words a channel: { start, multiplier, offset, start of the even pixel }; exact64 { start, m, shift, same }. */
const LONG_WORDS = 4;
/** Words a channel: { start, high, low, offset, shift }; exact64 { start, m, shift, 0, 0 }. */
const SHORT_WORDS = 5;
/** The even pixel's sum, of codes + 128, lives in the lower 24 bits of an accumulator that starts in their middle. */
export const EVEN_LIMIT = 2 ** 23;

const rowOf = ({ weights, k }: ScalarLayer, c: number): Int8Array => weights.subarray(c * k, (c + 1) * k);
const sumOf = (row: Int8Array): number => row.reduce((sum, w) => sum + w, 0);

function channelOf(layer: ScalarLayer, c: number): RequantizeChannel {
  const { bias, zeroPointIn, zeroPointOut, lo, hi, multipliers } = layer;
  const [sumLo, sumHi] = reachableSums(rowOf(layer, c), bias?.[c] ?? 0, zeroPointIn);
  return { ...multipliers[c]!, zeroPoint: zeroPointOut, lo, hi, sumLo, sumHi };
}

/** Whether two pixels fit one 64-bit accumulator in every channel. */
export function pairsFit(layer: ScalarLayer): boolean {
  for (let c = 0; c < layer.n; c++) {
    const row = rowOf(layer, c);
    const positive = row.reduce((sum, w) => sum + Math.max(w, 0), 0);
    if (Math.max(positive, positive - sumOf(row)) * 255 >= EVEN_LIMIT) return false;
  }
  return true;
}

/** Sum's start for activations of which the kernel sees code + `added`. */
const startOf = (layer: ScalarLayer, c: number, added: number): number =>
  ((layer.bias?.[c] ?? 0) - (layer.zeroPointIn + added) * sumOf(rowOf(layer, c))) | 0;

/** Parameters for cores with a long multiply: high32 where every channel is proved, else exact64. */
export function longChannels(layer: ScalarLayer, added: 0 | 128): ScalarChannels {
  const channels = Array.from({ length: layer.n }, (_, c) => channelOf(layer, c));
  const proved = channels.map((c) => proveHigh32(c, 0));
  const isProved = proved.every((p) => p !== undefined);
  const params = new Int32Array(layer.n * LONG_WORDS);
  channels.forEach(({ m, shift }, c) => {
    const form = proved[c];
    const ahead = isProved ? form!.start : 0;
    const rest = isProved ? [form!.multiplier, form!.offset] : [m, shift];
    const even = startOf(layer, c, 128) + ahead - EVEN_LIMIT;
    params.set([startOf(layer, c, added) + ahead, ...rest, even], c * LONG_WORDS);
  });
  return { form: isProved ? "high32" : "exact64", params, lowBits: 0 };
}

/** Parameters for cores without: split32 where every channel is proved, else exact64. Kernels see code + 128. */
export function shortChannels(layer: ScalarLayer): ScalarChannels {
  const channels = Array.from({ length: layer.n }, (_, c) => channelOf(layer, c));
  const lowBits = lowBitsOf(channels);
  const proved = channels.map((c) => proveSplit32(c, lowBits));
  const isProved = proved.every((p) => p !== undefined);
  const params = new Int32Array(layer.n * SHORT_WORDS);
  channels.forEach(({ m, shift }, c) => {
    const p = proved[c];
    const rest = isProved ? [p!.high, p!.low, p!.offset, p!.shift] : [m, shift, 0, 0];
    params.set([startOf(layer, c, 128), ...rest], c * SHORT_WORDS);
  });
  return { form: isProved ? "split32" : "exact64", params, lowBits: isProved ? lowBits : 0 };
}

const paddedQuads = (n: number): number => (n + 3) & ~3;

/** i8 [n / 4][depth][4 channels], depth = k padded to four, each plus `added` (mod 256), 0 beyond n and k. */
export function quadWeights({ weights, n, k }: ScalarLayer, depth: number, added: 0 | 128): Int8Array {
  const out = new Int8Array(paddedQuads(n) * depth);
  for (let c = 0; c < n; c++)
    for (let i = 0; i < k; i++) out[((c >> 2) * depth + i) * 4 + (c & 3)] = weights[c * k + i]! + added;
  return out;
}
