import { describe, expect, test } from "vitest";
import { add, concat, conv2d, relu, reshape, slice } from "../kernels/ops.ts";
import { type Interval, interval, type Piece, placeIntervals } from "../sdk/compile/memory.ts";
import { type Plan, planGraph } from "../sdk/compile/plan.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { constant, inputLeaf } from "../sdk/graph/leaves.ts";

/** Marsaglia's xorshift32: test data from a seed. */
function* random(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    yield (x >>> 0) / 2 ** 32;
  }
}

const collide = (a: Piece, atA: number, b: Piece, atB: number): boolean =>
  a.first <= b.last &&
  b.first <= a.last &&
  atA + a.offset < atB + b.offset + b.bytes &&
  atB + b.offset < atA + a.offset + a.bytes;

function expectApart(intervals: readonly Interval[], offsets: readonly number[]): void {
  intervals.forEach((a, i) => {
    intervals.slice(0, i).forEach((b, j) => {
      for (const p of a.pieces)
        for (const q of b.pieces) expect(collide(p, offsets[i]!, q, offsets[j]!), `${j} and ${i}`).toBe(false);
    });
  });
}

describe("placement", () => {
  test("bytes alive at the same time are never shared, and no plan beats the lower bound", () => {
    const next = random(7);
    const draw = (n: number): number => Math.floor(next.next().value * n);
    const pieces = (): Piece[] => {
      let offset = 0;
      return Array.from({ length: 1 + draw(3) }, () => {
        const first = draw(12) - 1;
        const piece = { offset, bytes: 16 * (1 + draw(64)), first, last: first + draw(5) };
        offset += piece.bytes;
        return piece;
      });
    };
    for (let round = 0; round < 200; round++) {
      const intervals = Array.from({ length: 1 + draw(20) }, (): Interval => {
        const list = pieces();
        return { bytes: list.reduce((n, p) => n + p.bytes, 0), pieces: list };
      });
      const { offsets, bytes, lowerBound } = placeIntervals(intervals, 16);
      expectApart(intervals, offsets);
      intervals.forEach((a, i) => {
        expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes);
        expect(offsets[i]! % 16).toBe(0);
      });
      expect(bytes).toBeGreaterThanOrEqual(lowerBound);
    }
  });

  test("a chain of layers needs no more than its two largest neighbours", () => {
    const sizes = [64, 512, 256, 1024, 32];
    const { bytes, lowerBound } = placeIntervals(sizes.map((n, i) => interval(n, i - 1, i)));
    expect(lowerBound).toBe(256 + 1024);
    expect(bytes).toBe(lowerBound);
  });

  test("an output grows into the rows of an input that were read", () => {
    const row = (i: number, first: number, last: number): Piece => ({ offset: i * 16, bytes: 16, first, last });
    const input = { bytes: 64, pieces: [0, 1, 2, 3].map((i) => row(i, -1, i)) };
    const output = { bytes: 64, pieces: [0, 1, 2, 3].map((i) => row(i, i, 4)) };
    const { bytes, lowerBound } = placeIntervals([input, output], 16);
    expect(lowerBound).toBe(80);
    expect(bytes).toBe(80);
  });
});

const image = (h: number, c: number) => inputLeaf("x", { dtype: "f32", shape: [1, h, 4, c] });
const plan = (graph: Graph): Plan => planGraph(graph, { family: "scalar" }).plan;
const rows = (x: ReturnType<typeof image>, begin: number, count: number) =>
  slice(x, { begin: [0, begin, 0, 0], size: [1, count, 4, x.shape[3]!] });

describe("views", () => {
  test("slices of whole rows and their concatenation need no code and no memory of their own", () => {
    const x = image(8, 4);
    const y = concat(relu(rows(x, 0, 4), { name: "top" }), relu(rows(x, 4, 4), { name: "bottom" }), { axis: 1 });
    const p = plan(createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y }] }));
    const offset = (name: string): number => p.steps.find((s) => s.name === name)!.output.offset;
    expect(p.steps.map((s) => s.op)).toEqual(["relu", "relu"]);
    expect(p.arenaBytes).toBeLessThan(2 * 8 * 4 * 4 * 4);
    expect(offset("bottom") - offset("top")).toBe(4 * 4 * 4 * 4);
  });

  test("a column slice, a constant part and a value used twice are copied", () => {
    const x = image(8, 4);
    const column = slice(x, { begin: [0, 0, 1, 0], size: [1, 8, 2, 4] });
    const half = relu(rows(x, 0, 4));
    const fixed = constant(new Float32Array(64), [1, 4, 4, 4]);
    const outputs = [relu(column), concat(half, half, { axis: 1 }), concat(relu(rows(x, 4, 4)), fixed, { axis: 1 })];
    const p = plan(
      createGraph({
        inputs: [{ name: "x", tensor: x }],
        outputs: outputs.map((tensor, i) => ({ name: `y${i}`, tensor })),
      }),
    );
    expect(p.steps.map((s) => s.op).toSorted()).toEqual(["concat", "concat", "relu", "relu", "relu", "slice"]);
  });

  test("a value that is read again is not overwritten in place, through a view neither", () => {
    const x = image(8, 4);
    const a = relu(x, { name: "a" });
    const flat = reshape(a, { shape: [1, 128] });
    const y = add(relu(flat, { name: "b" }), reshape(a, { shape: [1, 128] }), { name: "sum" });
    const p = plan(createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y }] }));
    const [first, second] = p.steps;
    expect(first!.output.offset).not.toBe(second!.output.offset);
  });

  test("branches run in the order that needs least memory", () => {
    // Two branches that grow by 8 and shrink again: one after the other, not side by side.
    const x = image(8, 2);
    const grow = (name: string) =>
      conv2d(x, constant(new Float32Array(16 * 2), [16, 1, 1, 2]), undefined, { name: `${name} up` });
    const shrink = (t: ReturnType<typeof grow>, name: string) =>
      conv2d(t, constant(new Float32Array(16 * 2), [2, 1, 1, 16]), undefined, { name: `${name} down` });
    const [a, b] = [grow("a"), grow("b")];
    const y = add(shrink(a, "a"), shrink(b, "b"));
    const p = plan(createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y }] }));
    const bytes = 8 * 4 * 4;
    expect(p.arenaBytes).toBe(p.arenaLowerBound);
    expect(p.arenaBytes).toBeLessThanOrEqual((2 + 2 + 16 + 2) * bytes);
  });
});
