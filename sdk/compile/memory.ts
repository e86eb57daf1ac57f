/**
 * Static memory planning: offsets for buffers with known lifetimes. Greedy by size with best fit: the largest buffer
 * first, each into the smallest gap that no buffer alive at the same time overlaps (as TensorFlow Lite Micro's
 * greedy planner, plus best fit).
 */

export interface Interval {
  readonly bytes: number;
  /** Steps, both included. */
  readonly first: number;
  readonly last: number;
}

export function placeIntervals(intervals: readonly Interval[]): {
  offsets: readonly number[];
  bytes: number;
  lowerBound: number;
} {
  const order = intervals
    .map((_, i) => i)
    .sort((a, b) => intervals[b]!.bytes - intervals[a]!.bytes || intervals[a]!.first - intervals[b]!.first || a - b);
  const offsets = new Array<number>(intervals.length).fill(0);
  const placed: number[] = [];
  let bytes = 0;
  for (const i of order) {
    const wanted = intervals[i]!;
    const busy = placed
      .filter((j) => intervals[j]!.first <= wanted.last && wanted.first <= intervals[j]!.last)
      .map((j): readonly [number, number] => [offsets[j]!, offsets[j]! + intervals[j]!.bytes])
      .sort((a, b) => a[0] - b[0]);
    let offset = 0;
    let best: { offset: number; slack: number } | undefined;
    for (const [begin, end] of busy) {
      const slack = begin - offset - wanted.bytes;
      if (slack >= 0 && (best === undefined || slack < best.slack)) best = { offset, slack };
      offset = Math.max(offset, end);
    }
    offsets[i] = best?.offset ?? offset;
    placed.push(i);
    bytes = Math.max(bytes, offsets[i]! + wanted.bytes);
  }
  return { offsets, bytes, lowerBound: lowerBound(intervals) };
}

function lowerBound(intervals: readonly Interval[]): number {
  const steps = new Set(intervals.map((i) => i.first));
  let most = 0;
  for (const at of steps)
    most = Math.max(
      most,
      intervals.reduce((sum, i) => sum + (i.first <= at && at <= i.last ? i.bytes : 0), 0),
    );
  return most;
}
