/**
 * Requantization in floating point, proved (DESIGN of the numerics: docs/design/numerics.md). A channel's code is
 * `clamp(int((sum - center) * multiplier + offset) + zeroPoint)`, every step rounded to nearest even in one precision,
 * `int` by adding a constant whose last place is 1. Each step is monotone in the sum, so provedEqual applies.
 *
 * Forms of a layer, cheapest first, all or nothing:
 * - FLOAT32: outputs clamped at or above the zero point, where TensorFlow Lite's rounding has one side. Sums are
 *   centred, so that products are at most half the range of codes and their rounding errors half as large.
 * - FLOAT32_SIGNED: the offset takes the sign of the product (center 0), as TensorFlow Lite's rounding does.
 * - FLOAT64: the same in f64; where f32 has too few bits.
 */
import { exactCode, type RequantizeChannel, thresholds } from "../prove.ts";

export const FLOAT_FORMS = { float32: 0, float32Signed: 1, float64: 2 } as const;
export type FloatForm = keyof typeof FLOAT_FORMS;

export interface FloatChannel {
  /** Subtracted from the bias. */
  readonly center: number;
  readonly multiplier: number;
  readonly offset: number;
}

export interface FloatLayer {
  readonly form: FloatForm;
  /** The output's zero point, and where sums are centred the code at the centre. */
  readonly zeroPoint: number;
  readonly channels: readonly FloatChannel[];
}

type Round = (x: number) => number;
const PRECISION: Readonly<
  Record<FloatForm, { readonly round: Round; readonly magic: number; readonly limit: number }>
> = {
  float32: { round: Math.fround, magic: 1.5 * 2 ** 23, limit: 2 ** 21 },
  float32Signed: { round: Math.fround, magic: 1.5 * 2 ** 23, limit: 2 ** 21 },
  float64: { round: (x) => x, magic: 1.5 * 2 ** 52, limit: 2 ** 30 },
};

/** The value before the integer is taken. */
function scaled(form: FloatForm, { center, multiplier, offset }: FloatChannel, sum: number): number {
  const { round } = PRECISION[form];
  const product = round(round(sum - center) * multiplier);
  const negative = product < 0 || Object.is(product, -0);
  return round(product + (form !== "float32" && negative ? -offset : offset));
}

/** What the kernels compute before the clamp (kernels/isa/requantize.pairdot.as.ts). */
export function floatCode(form: FloatForm, zeroPoint: number, channel: FloatChannel, sum: number): number {
  const { round, magic } = PRECISION[form];
  return round(scaled(form, channel, sum) + round(magic + zeroPoint)) - magic;
}

/** A form that gives the exact code of every reachable sum of every channel, or undefined. */
export function proveFloat(channels: readonly RequantizeChannel[]): FloatLayer | undefined {
  const edges = channels.map(edgesOf);
  if (edges.some((e) => e === undefined)) return undefined;
  const known = edges as readonly Edges[];
  const oneSided = channels.every((c) => c.lo >= c.zeroPoint);
  return (
    (oneSided ? layer("float32", channels, known) : layer("float32Signed", channels, known)) ??
    layer("float64", channels, known)
  );
}

/** The thresholds of a channel and the code at each; undefined where a sum may not fit i32. */
interface Edges {
  readonly at: readonly number[];
  readonly codes: readonly number[];
}

function edgesOf(c: RequantizeChannel): Edges | undefined {
  if (c.sumLo < -(2 ** 30) || c.sumHi >= 2 ** 30) return undefined;
  const at = thresholds(c);
  return { at, codes: at.map((t) => exactCode(c, t)) };
}

function layer(
  form: FloatForm,
  channels: readonly RequantizeChannel[],
  edges: readonly Edges[],
): FloatLayer | undefined {
  const [{ lo, hi, zeroPoint: zero } = { lo: 0, hi: 0, zeroPoint: 0 }] = channels;
  const middle = form === "float32" ? ((lo + hi) >> 1) - zero : 0;
  const zeroPoint = zero + middle;
  const found: FloatChannel[] = [];
  for (const [i, c] of channels.entries()) {
    const channel = search(form, c, edges[i]!, middle);
    if (!channel) return undefined;
    found.push(channel);
  }
  return { form, zeroPoint, channels: found };
}

/** Neighbours of the true multiplier, nearest first, in last places. */
const NEIGHBOURS = [0, 1, -1, 2, -2, 3, -3, 4, -4] as const;

function search(form: FloatForm, c: RequantizeChannel, edges: Edges, middle: number): FloatChannel | undefined {
  const exact = c.m * 2 ** (c.shift - 31);
  const { round } = PRECISION[form];
  const center = middle === 0 || exact === 0 ? 0 : Math.round(middle / exact);
  if (Math.abs(center) > 2 ** 30) return undefined;
  if (edges.at.length === 0) return constantChannel(form, c, exactCode(c, c.sumLo) - c.zeroPoint - middle, middle);
  const place = form === "float64" ? 0 : 2 ** (Math.floor(Math.log2(exact)) - 23);
  for (const steps of form === "float64" ? [0] : NEIGHBOURS) {
    const multiplier = round(round(exact) + steps * place);
    // Offsets that put every threshold on its side, rounding errors left out.
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    const bound = (sum: number, edge: number, isReached: boolean): void => {
      const product = (sum - center) * multiplier;
      const mirrored = form !== "float32" && sum < 0;
      const offset = mirrored ? product - edge : edge - product;
      if (isReached !== mirrored) low = Math.max(low, offset);
      else high = Math.min(high, offset);
    };
    for (let i = 0; i < edges.at.length; i++) {
      const edge = edges.codes[i]! - c.zeroPoint - middle - 0.5;
      bound(edges.at[i]!, edge, true);
      bound(edges.at[i]! - 1, edge, false);
    }
    if (low > high) continue;
    if (low === Number.NEGATIVE_INFINITY) low = high - exact / 2;
    if (high === Number.POSITIVE_INFINITY) high = low + exact / 2;
    for (const part of [0.5, 0.3, 0.7]) {
      const channel = { center, multiplier, offset: round(low + (high - low) * part) };
      if (form !== "float32" && channel.offset < 0) continue;
      if (holds(form, c, edges, channel, middle)) return channel;
    }
  }
  return undefined;
}

/** A channel whose every reachable sum has one code. */
function constantChannel(
  form: FloatForm,
  c: RequantizeChannel,
  value: number,
  middle: number,
): FloatChannel | undefined {
  const channel = { center: 0, multiplier: 0, offset: form === "float32" ? value : 0 };
  if (holds(form, c, { at: [], codes: [] }, channel, middle)) return channel;
  const whole = { center: 0, multiplier: PRECISION[form].round(c.m * 2 ** (c.shift - 31)), offset: 0 };
  return holds(form, c, { at: [], codes: [] }, whole, middle) ? whole : undefined;
}

/** The proof: both sides of each threshold, both ends, and no value so large that the constant fails. */
function holds(form: FloatForm, c: RequantizeChannel, edges: Edges, channel: FloatChannel, middle: number): boolean {
  const { limit } = PRECISION[form];
  const zeroPoint = c.zeroPoint + middle;
  const code = (sum: number): number => Math.min(Math.max(floatCode(form, zeroPoint, channel, sum), c.lo), c.hi);
  for (const sum of [c.sumLo, c.sumHi])
    if (Math.abs(scaled(form, channel, sum)) > limit || code(sum) !== exactCode(c, sum)) return false;
  return edges.at.every((t, i) => code(t) === edges.codes[i]! && code(t - 1) === edges.codes[i]! - 1);
}
