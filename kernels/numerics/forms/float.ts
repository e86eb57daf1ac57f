/**
 * Requantization in floating point, proved (DESIGN of the numerics: docs/design/numerics.md). A channel's code is
 * `clamp(int((sum - center) * multiplier + offset) + zeroPoint)`, every step rounded to nearest even in one precision,
 * `int` by adding a constant whose last place is 1. Each step is monotone in the sum, so provedEqual applies.
 *
 * Signed forms give the offset the sign of the product, as TensorFlow Lite's rounding does, and have no center. Where
 * outputs are clamped at or above the zero point that rounding has one side: sums are centred instead, so that products
 * are at most half the range of codes and their rounding errors half as large. f64 where f32 has too few bits.
 */
import { exactCode, type RequantizeChannel, thresholds } from "../prove.ts";

export type FloatForm = "float32" | "float32Signed" | "float64" | "float64Signed";

export interface FloatChannel {
  /** Subtracted from the bias. */
  readonly center: number;
  readonly multiplier: number;
  readonly offset: number;
}

/** The channels of one vector group. */
export interface FloatGroup {
  readonly form: FloatForm;
  readonly channels: readonly FloatChannel[];
}

export interface FloatLayer {
  readonly isSigned: boolean;
  /** The output's zero point, and where sums are centred the code at the centre. */
  readonly zeroPoint: number;
  readonly groups: readonly FloatGroup[];
}

type Round = (x: number) => number;
const SINGLE = { round: Math.fround as Round, magic: 1.5 * 2 ** 23, limit: 2 ** 21 } as const;
const DOUBLE = { round: ((x) => x) as Round, magic: 1.5 * 2 ** 52, limit: 2 ** 30 } as const;
const PRECISION = { float32: SINGLE, float32Signed: SINGLE, float64: DOUBLE, float64Signed: DOUBLE } as const;
const SIGNED: ReadonlySet<FloatForm> = new Set(["float32Signed", "float64Signed"] as const);
export const isDouble = (form: FloatForm): boolean => PRECISION[form] === DOUBLE;

/** The value before the integer is taken. */
function scaled(form: FloatForm, { center, multiplier, offset }: FloatChannel, sum: number): number {
  const { round } = PRECISION[form];
  const product = round(round(sum - center) * multiplier);
  const negative = product < 0 || Object.is(product, -0);
  return round(product + (SIGNED.has(form) && negative ? -offset : offset));
}

/** What the kernels compute before the clamp (kernels/isa/requantize.pairdot.as.ts). */
export function floatCode(form: FloatForm, zeroPoint: number, channel: FloatChannel, sum: number): number {
  const { round, magic } = PRECISION[form];
  return round(scaled(form, channel, sum) + round(magic + zeroPoint)) - magic;
}

/**
 * The cheapest proved form of each group of `lanes` channels, or undefined where a group has none; all are signed or
 * none is. `wanted`: forms that groups must take.
 */
export function proveFloat(
  channels: readonly RequantizeChannel[],
  lanes: number,
  wanted?: readonly FloatForm[],
): FloatLayer | undefined {
  const isSigned = channels.some((c) => c.lo < c.zeroPoint);
  const forms: readonly FloatForm[] = isSigned ? ["float32Signed", "float64Signed"] : ["float32", "float64"];
  const [{ lo, hi, zeroPoint: zero } = { lo: 0, hi: 0, zeroPoint: 0 }] = channels;
  const middle = isSigned ? 0 : ((lo + hi) >> 1) - zero;
  const groups: FloatGroup[] = [];
  for (let first = 0; first < channels.length; first += lanes) {
    const group = channels.slice(first, first + lanes);
    const edges = group.map(edgesOf);
    const form = wanted?.[first / lanes];
    const found = (form ? [form] : forms)
      .map((form) => ({ form, channels: searchAll(form, group, edges, middle) }))
      .find((g): g is FloatGroup => g.channels !== undefined);
    if (!found) return undefined;
    groups.push(found);
  }
  return { isSigned, zeroPoint: zero + middle, groups };
}

/** What decides a channel: sums at which the code changes, the code there and just before, and both ends. */
interface Edges {
  readonly at: readonly number[];
  readonly reached: readonly number[];
  readonly before: readonly number[];
  readonly first: number;
  readonly last: number;
}

/** undefined where a left shift may drop bits (no step function) or a sum less its center may not fit i32. */
function edgesOf(c: RequantizeChannel): Edges | undefined {
  const largest = Math.max(-c.sumLo, c.sumHi + 1);
  if (largest > 2 ** 31 - 2 ** 24 || (c.shift > 0 && largest > 2 ** (31 - c.shift))) return undefined;
  const at = thresholds(c);
  const first = exactCode(c, c.sumLo);
  // The i-th threshold is that of code first + 1 + i; where codes are skipped, several share a sum.
  const reached = at.map((_, i) => first + 1 + i);
  const before = at.map((_, i) => first + i);
  for (let i = at.length - 2; i >= 0; i--) if (at[i] === at[i + 1]) reached[i] = reached[i + 1]!;
  for (let i = 1; i < at.length; i++) if (at[i] === at[i - 1]) before[i] = before[i - 1]!;
  return { at, reached, before, first, last: exactCode(c, c.sumHi) };
}

function searchAll(
  form: FloatForm,
  group: readonly RequantizeChannel[],
  edges: readonly (Edges | undefined)[],
  middle: number,
): readonly FloatChannel[] | undefined {
  const found: FloatChannel[] = [];
  for (const [i, c] of group.entries()) {
    const known = edges[i];
    const channel = known && search(form, c, known, middle);
    if (!channel) return undefined;
    found.push(channel);
  }
  return found;
}

/** Neighbours of the true multiplier, nearest first, in last places. */
const NEIGHBOURS = [0, 1, -1, 2, -2, 3, -3, 4, -4] as const;

function search(form: FloatForm, c: RequantizeChannel, edges: Edges, middle: number): FloatChannel | undefined {
  const exact = c.m * 2 ** (c.shift - 31);
  const { round } = PRECISION[form];
  const middleSum = middle === 0 || exact === 0 ? 0 : Math.round(middle / exact);
  // Beyond 24 bits a centre costs more than it gains; the offset then holds the middle.
  const center = Math.abs(middleSum) < 2 ** 24 ? middleSum : 0;
  if (edges.at.length === 0) return constantChannel(form, c, edges, middle);
  const place = isDouble(form) ? 0 : 2 ** (Math.floor(Math.log2(exact)) - 23);
  for (const steps of isDouble(form) ? [0] : NEIGHBOURS) {
    const multiplier = round(round(exact) + steps * place);
    // Offsets that put every threshold on its side, rounding errors left out.
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    const bound = (sum: number, edge: number, isReached: boolean): void => {
      const product = (sum - center) * multiplier;
      const mirrored = SIGNED.has(form) && sum < 0;
      const offset = mirrored ? product - edge : edge - product;
      if (isReached !== mirrored) low = Math.max(low, offset);
      else high = Math.min(high, offset);
    };
    const zero = c.zeroPoint + middle + 0.5;
    for (let i = 0; i < edges.at.length; i++) {
      bound(edges.at[i]!, edges.reached[i]! - zero, true);
      bound(edges.at[i]! - 1, edges.before[i]! + 1 - zero, false);
    }
    if (low > high) continue;
    if (low === Number.NEGATIVE_INFINITY) low = high - exact / 2;
    if (high === Number.POSITIVE_INFINITY) high = low + exact / 2;
    for (const part of [0.5, 0.3, 0.7]) {
      const channel = { center, multiplier, offset: round(low + (high - low) * part) };
      if (SIGNED.has(form) && channel.offset < 0) continue;
      if (holds(form, c, edges, channel, middle)) return channel;
    }
  }
  return undefined;
}

/** A channel whose every reachable sum has one code. */
function constantChannel(
  form: FloatForm,
  c: RequantizeChannel,
  edges: Edges,
  middle: number,
): FloatChannel | undefined {
  const value = edges.first - c.zeroPoint - middle;
  const channel = { center: 0, multiplier: 0, offset: SIGNED.has(form) ? 0 : value };
  if (holds(form, c, edges, channel, middle)) return channel;
  const whole = { center: 0, multiplier: PRECISION[form].round(c.m * 2 ** (c.shift - 31)), offset: 0 };
  return holds(form, c, edges, whole, middle) ? whole : undefined;
}

/** The proof: both sides of each threshold, both ends, and no value so large that the constant fails. */
function holds(form: FloatForm, c: RequantizeChannel, edges: Edges, channel: FloatChannel, middle: number): boolean {
  const { limit } = PRECISION[form];
  const zeroPoint = c.zeroPoint + middle;
  const code = (sum: number): number => Math.min(Math.max(floatCode(form, zeroPoint, channel, sum), c.lo), c.hi);
  const fits = (sum: number): boolean => Math.abs(scaled(form, channel, sum)) <= limit;
  return (
    fits(c.sumLo) &&
    fits(c.sumHi) &&
    code(c.sumLo) === edges.first &&
    code(c.sumHi) === edges.last &&
    edges.at.every((t, i) => code(t) === edges.reached[i] && code(t - 1) === edges.before[i])
  );
}
