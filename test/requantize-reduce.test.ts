/** The vector requantization of the reduce family against TensorFlow Lite's, at every kind of edge. */
import { describe, expect, test } from "vitest";
import { multiplyByQuantizedMultiplier } from "../kernels/numerics/requantize.ts";
import { assemble } from "../sdk/compile/assemble.ts";

const ENTRY = `
import { requantize_words } from "./isa/requantize.reduce.as";
export function run(sums: usize, multipliers: usize, shifts: usize, to: usize, n: i32, positive: i32): void {
  for (let i = 0; i < n << 2; i += 16) {
    const x = v128.load(sums + i);
    const m = v128.load(multipliers + i);
    const s = v128.load(shifts + i);
    v128.store(to + i, positive ? requantize_words(x, m, s, true) : requantize_words(x, m, s, false));
  }
}
`;

const bytes = await assemble(ENTRY, { family: "reduce", flavour: "portable", memoryBytes: 1 << 20 });
const { run, memory } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource)).exports as unknown as {
  run(sums: number, multipliers: number, shifts: number, to: number, n: number, positive: number): void;
  memory: { buffer: ArrayBuffer };
};

interface Case {
  readonly sum: number;
  readonly m: number;
  readonly shift: number;
}

function requantized(cases: readonly Case[], positive: boolean): readonly number[] {
  const n = (cases.length + 3) & ~3;
  const words = new Int32Array(memory.buffer);
  words.fill(0, 0, 4 * n);
  cases.forEach(({ sum, m, shift }, i) => {
    words[i] = sum;
    words[n + i] = m;
    words[2 * n + i] = shift;
  });
  run(0, 4 * n, 8 * n, 12 * n, n, positive ? 1 : 0);
  return [...words.subarray(3 * n, 3 * n + cases.length)];
}

const MULTIPLIERS = [0, 2 ** 30, 2 ** 30 + 1, 0x55555555, 0x60000000, 0x7ffffffe, 2 ** 31 - 1];
const SHIFTS = Array.from({ length: 31 }, (_, i) => -1 - i);
const SUMS = [0, 1, 2, 3, 5, 127, 128, 2 ** 15, 2 ** 20 - 1, 2 ** 30, 2 ** 31 - 2, 2 ** 31 - 1].flatMap((v) => [
  v,
  -v - 1,
]);

/** Sums around those whose high product is an odd number of halves of 2^s: ties of the second rounding. */
function ties(m: number, shift: number): readonly number[] {
  const half = 2 ** (-shift - 1);
  return [1, 3, 5, 255, 257]
    .flatMap((odd) =>
      [-1, 0, 1].flatMap((near) => [1, -1].map((sign) => sign * Math.round((odd * half * 2 ** 31) / m) + near)),
    )
    .filter((sum) => Math.abs(sum) < 2 ** 31);
}

const CASES = MULTIPLIERS.flatMap((m) =>
  SHIFTS.flatMap((shift) => [...SUMS, ...(m === 0 ? [] : ties(m, shift))].map((sum): Case => ({ sum, m, shift }))),
);

describe("requantization in vectors", () => {
  test("equals TensorFlow Lite's for right shifts of 1 to 31, ties and extremes included", () => {
    expect(CASES.length).toBeGreaterThan(10_000);
    const want = CASES.map(({ sum, m, shift }) => multiplyByQuantizedMultiplier(sum, { m, shift }));
    expect(requantized(CASES, false)).toEqual(want.map((v) => (Object.is(v, -0) ? 0 : v)));
  });

  test("without the correction differs in ties below zero only, and stays at most zero there", () => {
    const got = requantized(CASES, true);
    const wants = CASES.map(({ sum, m, shift }) => multiplyByQuantizedMultiplier(sum, { m, shift }));
    const wrong = wants.filter((want, i) =>
      CASES[i]!.sum >= 0 ? got[i] !== want : Math.max(got[i]!, 0) !== Math.max(want, 0),
    );
    const different = wants.filter((want, i) => got[i] !== want + 0).length;
    expect(wrong).toEqual([]);
    expect(different).toBeGreaterThan(0);
  });
});
