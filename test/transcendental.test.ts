/** The shared numerics of training kernels: Philox against published vectors, exp, log, sin and cos against f64. */
import { describe, expect, test } from "vitest";
import { gaussians } from "../kernels/numerics/distributions.ts";
import { philox } from "../kernels/numerics/philox.ts";
import { assemble } from "../sdk/compile/assemble.ts";

// Random123 1.14, tests/kat_vectors, philox4x32 with 10 rounds.
const VECTORS: readonly (readonly [counter: number[], key: number[], words: number[]])[] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [-1, -1, -1, -1],
    [-1, -1],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

type Exports = Record<string, (...args: number[]) => number>;

const SOURCE = `
import { exp_scalar, log_scalar, sinTurns, cosTurns } from "./numerics/transcendental.as";
import { gaussianRadius, philox, uniform, word0, word1, word2, word3 } from "./numerics/philox.as";
export function exp(x: f32): f32 { return exp_scalar(x); }
export function log(x: f32): f32 { return log_scalar(x); }
export function sin(x: f32): f32 { return sinTurns(x); }
export function cos(x: f32): f32 { return cosTurns(x); }
export function draw(a: u32, b: u32, c: u32, d: u32, k: u32, l: u32): void { philox(a, b, c, d, k, l); }
export function word(i: i32): u32 { return i == 0 ? word0 : i == 1 ? word1 : i == 2 ? word2 : word3; }
export function normal(lane: i32): f32 {
  const turns = uniform(lane < 2 ? word1 : word3);
  return gaussianRadius(lane < 2 ? word0 : word2) * (lane & 1 ? sinTurns(turns) : cosTurns(turns));
}
`;
const wasm = await assemble(SOURCE, { family: "scalar", flavour: "portable", memoryBytes: 64 });
const exports = (await WebAssembly.instantiate(Uint8Array.from(wasm), {})).instance.exports as Exports;
const call = (name: string, ...args: number[]): number => exports[name]!(...args);

describe("Philox4x32-10", () => {
  test.each(VECTORS)("counter %j, key %j gives the published words", (counter, key, words) => {
    const [a, b, c, d] = counter;
    expect([...philox([a!, b!, c!, d!], [key[0]!, key[1]!])]).toEqual(words);
    call("draw", ...counter, ...key);
    expect([0, 1, 2, 3].map((i) => call("word", i) >>> 0)).toEqual(words);
  });

  test("normals have the moments of a normal, and the f32 kernel those of f64", () => {
    let [sum, squares, worst] = [0, 0, 0];
    const blocks = 5000;
    for (let i = 0; i < blocks; i++) {
      const [w0, w1, w2, w3] = philox([i, 7, 1, 0], [42, 9]);
      const want = [...gaussians(w0!, w1!), ...gaussians(w2!, w3!)];
      call("draw", i, 7, 1, 0, 42, 9);
      want.forEach((z, lane) => {
        worst = Math.max(worst, Math.abs(call("normal", lane) - z));
        sum += z;
        squares += z * z;
      });
    }
    const n = blocks * 4;
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n)); // 4 standard errors of the mean
    expect(Math.abs(squares / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n)); // and of the variance
    expect(worst).toBeLessThan(5.8 * 2 ** -21); // the largest radius, times a few f32 roundings
  });
});

/** Largest |got - want| / scale(want) of an f32 function over n points of [lo, hi]. */
function worstError(
  name: string,
  f: (x: number) => number,
  lo: number,
  hi: number,
  scale: (want: number) => number,
): number {
  let worst = 0;
  const n = 200_000;
  for (let i = 0; i <= n; i++) {
    const x = Math.fround(lo + ((hi - lo) * i) / n);
    const want = f(x);
    worst = Math.max(worst, Math.abs(call(name, x) - want) / scale(want));
  }
  return worst;
}

describe("f32 transcendentals", () => {
  test("exp and log keep the relative error that they promise", () => {
    expect(worstError("exp", Math.exp, -87.3, 88.7, (v) => v)).toBeLessThan(2 ** -22);
    expect(worstError("log", Math.log, 1e-30, 1e-3, Math.abs)).toBeLessThan(2 ** -22);
    expect(worstError("log", Math.log, 1e-3, 4, (v) => Math.max(Math.abs(v), 2 ** -4))).toBeLessThan(2 ** -22);
    expect(worstError("log", Math.log, 4, 3e38, Math.abs)).toBeLessThan(2 ** -22);
  });

  test("sin and cos of turns keep an absolute error of 2^-22", () => {
    expect(
      worstError(
        "sin",
        (t) => Math.sin(2 * Math.PI * t),
        -2,
        2,
        () => 1,
      ),
    ).toBeLessThan(2 ** -22);
    expect(
      worstError(
        "cos",
        (t) => Math.cos(2 * Math.PI * t),
        -2,
        2,
        () => 1,
      ),
    ).toBeLessThan(2 ** -22);
  });

  test("edges: zero, infinity, NaN, subnormal and out of range", () => {
    expect(["exp", "log"].map((f) => call(f, Number.NaN))).toEqual([Number.NaN, Number.NaN]);
    expect([Number.NEGATIVE_INFINITY, -200, 0, 100, Number.POSITIVE_INFINITY].map((x) => call("exp", x))).toEqual([
      0,
      0,
      1,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect([0, 1, Number.POSITIVE_INFINITY].map((x) => call("log", x))).toEqual([
      Number.NEGATIVE_INFINITY,
      0,
      Number.POSITIVE_INFINITY,
    ]);
    expect(call("log", -1)).toBeNaN();
    const subnormal = 2 ** -149;
    expect(Math.abs(call("log", subnormal) / Math.log(subnormal) - 1)).toBeLessThan(2 ** -22);
  });
});
