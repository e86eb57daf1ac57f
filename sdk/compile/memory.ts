/**
 * Static memory planning: offsets for buffers with known lifetimes.
 *
 * A buffer is one piece, or several whose bytes live at different times: rows of an input that were consumed, rows of
 * an output not yet written. Placement is greedy with best fit, the largest buffer first (as TensorFlow Lite Micro's
 * greedy planner), then other orders until one meets the lower bound or the attempts are used up.
 */

/** Bytes [offset, offset + bytes) of a buffer, alive from step `first` to `last`, both included. */
export interface Piece {
  readonly offset: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface Interval {
  readonly bytes: number;
  readonly pieces: readonly Piece[];
}

export interface Placement {
  readonly offsets: readonly number[];
  readonly bytes: number;
  /** Largest sum of bytes alive at one step: no placement can be smaller. */
  readonly lowerBound: number;
}

/** A buffer of one piece. */
export const interval = (bytes: number, first: number, last: number): Interval => ({
  bytes,
  pieces: [{ offset: 0, bytes, first, last }],
});

const ATTEMPTS = 60;

/** `alignment`: of every offset, a power of two. */
export function placeIntervals(intervals: readonly Interval[], alignment = 1): Placement {
  const bound = lowerBound(intervals, alignment);
  const order = intervals.map((_, i) => i);
  const first = intervals.map(({ pieces }) => Math.min(...pieces.map((p) => p.first)));
  const span = intervals.map(({ pieces }, i) => Math.max(...pieces.map((p) => p.last)) - first[i]! + 1);
  const bySize = order.toSorted((a, b) => intervals[b]!.bytes - intervals[a]!.bytes || first[a]! - first[b]! || a - b);
  const byArea = order.toSorted(
    (a, b) => intervals[b]!.bytes * span[b]! - intervals[a]!.bytes * span[a]! || first[a]! - first[b]! || a - b,
  );
  let best = placeInOrder(intervals, bySize, alignment);
  const consider = (candidate: readonly number[]): void => {
    const placed = placeInOrder(intervals, candidate, alignment);
    if (placed.bytes < best.bytes) best = placed;
  };
  if (best.bytes > bound) consider(byArea);
  const next = xorshift(0x2545f491);
  for (let attempt = 0; attempt < ATTEMPTS && best.bytes > bound && intervals.length > 1; attempt++)
    consider(swapped(attempt % 2 === 0 ? bySize : byArea, 1 + (attempt >> 2), next));
  return { ...best, lowerBound: bound };
}

function placeInOrder(
  intervals: readonly Interval[],
  order: readonly number[],
  alignment: number,
): { offsets: readonly number[]; bytes: number } {
  const offsets = new Array<number>(intervals.length).fill(0);
  const placed: number[] = [];
  let bytes = 0;
  for (const i of order) {
    const wanted = intervals[i]!;
    const taken = placed
      .flatMap((j) => forbidden(wanted, intervals[j]!, offsets[j]!))
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    offsets[i] = bestFit(taken, alignment);
    placed.push(i);
    bytes = Math.max(bytes, offsets[i] + wanted.bytes);
  }
  return { offsets, bytes };
}

/** Open ranges of offsets that would make a piece of `wanted` share live bytes with one of a buffer placed at `at`. */
function forbidden(wanted: Interval, other: Interval, at: number): [after: number, before: number][] {
  const ranges: [number, number][] = [];
  for (const p of wanted.pieces)
    for (const q of other.pieces)
      if (p.first <= q.last && q.first <= p.last) {
        const start = at + q.offset - p.offset;
        ranges.push([start - p.bytes, start + q.bytes]);
      }
  return ranges;
}

/** The start of the smallest gap between sorted open ranges; the end of the last one where there is none. */
function bestFit(taken: readonly (readonly [number, number])[], alignment: number): number {
  const up = (x: number): number => Math.ceil(x / alignment) * alignment;
  let offset = 0;
  let best: { offset: number; slack: number } | undefined;
  for (const [after, before] of taken) {
    const slack = after - offset;
    if (slack >= 0 && (best === undefined || slack < best.slack)) best = { offset, slack };
    offset = Math.max(offset, up(before));
  }
  return best?.offset ?? offset;
}

function lowerBound(intervals: readonly Interval[], alignment: number): number {
  const pieces = intervals.flatMap((i) =>
    i.pieces.length === 1 ? [{ ...i.pieces[0]!, bytes: Math.ceil(i.bytes / alignment) * alignment }] : i.pieces,
  );
  let most = 0;
  for (const at of new Set(pieces.map((p) => p.first)))
    most = Math.max(
      most,
      pieces.reduce((sum, p) => sum + (p.first <= at && at <= p.last ? p.bytes : 0), 0),
    );
  return most;
}

function swapped(order: readonly number[], swaps: number, next: () => number): readonly number[] {
  const out = [...order];
  for (let k = 0; k < swaps; k++) {
    const [i, j] = [next() % out.length, next() % out.length];
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** Marsaglia's xorshift32: the same attempts every time. */
function xorshift(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}
