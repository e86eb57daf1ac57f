import { expect, test } from "vitest";
import { type Interval, placeIntervals } from "../sdk/compile/memory.ts";

/** Marsaglia's xorshift32: test data from a seed. */
function* random(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    yield (x >>> 0) / 2 ** 32;
  }
}

const overlaps = (a: Interval, b: Interval): boolean => a.first <= b.last && b.first <= a.last;

test("buffers alive at the same time never share bytes, and no plan beats the lower bound", () => {
  const next = random(7);
  const draw = (n: number): number => Math.floor(next.next().value * n);
  for (let round = 0; round < 200; round++) {
    const intervals = Array.from({ length: 1 + draw(20) }, (): Interval => {
      const first = draw(12) - 1;
      return { bytes: 16 * (1 + draw(64)), first, last: first + draw(5) };
    });
    const { offsets, bytes, lowerBound } = placeIntervals(intervals);
    for (const [i, a] of intervals.entries()) {
      expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes);
      for (const [j, b] of intervals.entries())
        if (i < j && overlaps(a, b))
          expect(offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!).toBe(true);
    }
    expect(bytes).toBeGreaterThanOrEqual(lowerBound);
  }
});

test("a chain of layers needs no more than its two largest neighbours", () => {
  const sizes = [64, 512, 256, 1024, 32];
  const chain = sizes.map((bytes, i): Interval => ({ bytes, first: i - 1, last: i }));
  const { bytes, lowerBound } = placeIntervals(chain);
  expect(lowerBound).toBe(256 + 1024);
  expect(bytes).toBe(lowerBound);
});
