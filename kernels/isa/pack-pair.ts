/**
 * Packing for the pair family's tile and row kernels (tile.pair.as.ts, row.pair.as.ts): weights of two output
 * channels in one halfword, and the requantization of each pair of channels (finish.pair.as.ts).
 */
import { proveHigh32 } from "../numerics/forms/high32.ts";
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
  /** exact64 where any channel needs it. */
  readonly form: "high32" | "exact64";
  /** i32 [n rounded up / 2][paramBytes / 4], as finish.pair.as.ts says. */
  readonly params: Int32Array;
  readonly paramBytes: number;
}

/** Words of a pair of channels where all are proved. */
const HIGH32_WORDS = 6;
/** Marks the multiplier of a pair that takes exact64. */
const EXACT64 = -0x80000000;

/** The even channel's sum lives in the upper 24 bits of an accumulator. */
const EVEN_LIMIT = 2 ** 23;
/** From this shift on zero point and product may leave 63 bits. */
const MAX_RIGHT_SHIFT = 23;

/** Which channels stand side by side; one beyond `n` only fills up. */
export interface Pairing {
  readonly pairs: readonly Pair<number>[];
  /** Whether the weights of a pair share a halfword, so that the even sum has 24 bits and comes times 256. */
  readonly packed: boolean;
}

type Pair<T> = readonly [even: T, odd: T];

/** Channels 2 i and 2 i + 1 in one halfword, `n` rounded up to a multiple of `multiple`. */
export const neighbours = (n: number, multiple = 2): Pairing => ({
  pairs: Array.from({ length: (Math.ceil(n / multiple) * multiple) / 2 }, (_, i) => [i * 2, i * 2 + 1]),
  packed: true,
});

/** A channel with its reachable sums and the bias into which the zero point of the input is folded. */
interface Channel extends RequantizeChannel {
  readonly foldedBias: number;
}

function channelOf(layer: PairLayer, c: number): Channel {
  const { weights, n, k, bias, zeroPointIn, zeroPointOut: zeroPoint, lo, hi, multipliers } = layer;
  if (c >= n) return { m: 0, shift: 0, zeroPoint, lo, hi, sumLo: 0, sumHi: 0, foldedBias: 0 };
  const row = weights.subarray(c * k, (c + 1) * k);
  const [sumLo, sumHi] = reachableSums(row, bias?.[c] ?? 0, zeroPointIn);
  let sum = 0;
  for (const w of row) sum += w;
  return { ...multipliers[c]!, zeroPoint, lo, hi, sumLo, sumHi, foldedBias: (bias?.[c] ?? 0) - zeroPointIn * sum };
}

/** Whether every two weights fit a halfword: 256 a + b. */
function weightsFit({ weights, k, n }: PairLayer): boolean {
  for (let c = 0; c + 1 < n; c += 2)
    for (let i = 0; i < k; i++) if (weights[c * k + i]! === -128 && weights[(c + 1) * k + i]! < 0) return false;
  return true;
}

/** Parameters of every pair of channels; undefined where the pair kernels cannot compute the layer. */
export function pairChannels(layer: PairLayer, { pairs, packed }: Pairing): PairChannels | undefined {
  if (packed && !weightsFit(layer)) return undefined;
  const rows: (readonly number[])[] = [];
  for (const [even, odd] of pairs) {
    const pair = [channelOf(layer, even), channelOf(layer, odd)] as const;
    const row = high32Pair(pair, packed) ?? exact64Pair(pair, packed);
    if (!row) return undefined;
    rows.push(row);
  }
  const words = Math.max(...rows.map((r) => r.length));
  const params = new Int32Array(rows.length * words);
  rows.forEach((row, i) => {
    params.set(row, i * words);
  });
  return { form: words === HIGH32_WORDS ? "high32" : "exact64", params, paramBytes: words * 4 };
}

/** Starts of the two accumulators. */
const starts = (even: number, odd: number, packed: boolean): Pair<number> =>
  packed ? [(Math.imul(even, 256) + odd) | 0, odd] : [even, odd];

function high32Pair([even, odd]: Pair<Channel>, packed: boolean): readonly number[] | undefined {
  const [a, b] = [proveHigh32(even, packed ? 8 : 0), proveHigh32(odd, 0)];
  if (!a || !b) return undefined;
  const sums = starts(even.foldedBias + a.start, odd.foldedBias + b.start, packed);
  return [...sums, a.multiplier, a.offset, b.multiplier, b.offset];
}

function exact64Pair([even, odd]: Pair<Channel>, packed: boolean): readonly number[] | undefined {
  if (packed && (even.sumLo < -EVEN_LIMIT || even.sumHi >= EVEN_LIMIT)) return undefined;
  const [a, b] = [exact64(even), exact64(odd)];
  if (!a || !b) return undefined;
  const sums = starts(even.foldedBias, odd.foldedBias, packed);
  return [...sums, EXACT64 + a[0], a[1], b[0], b[1], a[2], a[3], b[2], b[3]];
}

/**
 * { multiplier, s - 1, low and high word of r }: code = ssat8((sum * m + r - (sum < 0 ? 2^31 : 0)) >> (31 + s)),
 * r = (zeroPoint << (31 + s)) + 2^(30 + s) + 2^30. A channel with one reachable code has multiplier 0.
 */
function exact64(c: RequantizeChannel): readonly [m: number, shift: number, low: number, high: number] | undefined {
  const words = (r: bigint): readonly [number, number] => [
    Number(BigInt.asIntN(32, r)),
    Number(BigInt.asIntN(32, r >> 32n)),
  ];
  const code = exactCode(c, c.sumLo);
  if (code === exactCode(c, c.sumHi)) return [0, 0, ...words((BigInt(code) << 32n) + (1n << 31n))];
  if (c.shift > -1 || c.shift < -MAX_RIGHT_SHIFT) return undefined;
  const s = BigInt(-c.shift);
  return [c.m, -c.shift - 1, ...words((BigInt(c.zeroPoint) << (31n + s)) + (1n << (30n + s)) + (1n << 30n))];
}

/**
 * Packed weights of pairs of channels: i16 [pairs][words][2]. `order` lists, halfword by halfword, which weight of a
 * channel stands there, -1 for none; its length is 2 * words.
 */
export function pairWeights({ weights, n, k }: PairLayer, { pairs }: Pairing, order: readonly number[]): Int16Array {
  const out = new Int16Array(pairs.length * order.length);
  const at = (c: number, i: number): number => (c < n && i >= 0 ? weights[c * k + i]! : 0);
  for (const [row, [even, odd]] of pairs.entries())
    for (const [h, i] of order.entries()) out[row * order.length + h] = 256 * at(even, i) + at(odd, i);
  return out;
}

/** The rows of every two pairs of channels word by word beside each other. */
export function groupsOfTwo(rows: Int16Array, words: number): Int16Array {
  const [from, out] = [new Int32Array(rows.buffer), new Int32Array(rows.length / 2)];
  for (let i = 0; i < out.length; i++) {
    const [row, word] = [Math.floor(i / words), i % words];
    out[(row & ~1) * words + word * 2 + (row & 1)] = from[i]!;
  }
  return new Int16Array(out.buffer);
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
