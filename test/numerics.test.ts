import { expect, test } from "vitest";
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from "../kernels/numerics/requantize.ts";
import { assemble } from "../sdk/compile/assemble.ts";

/** gemmlowp's two roundings, written as published: the independent reference of the one-product form. */
function doubleRounding(acc: bigint, m: bigint, shift: number): bigint {
  const left = BigInt(Math.max(shift, 0));
  const right = BigInt(Math.max(-shift, 0));
  const ab = BigInt.asIntN(32, acc << left) * m;
  const nudge = ab >= 0n ? 1n << 30n : 1n - (1n << 30n);
  const high = (ab + nudge) / (1n << 31n);
  const mask = (1n << right) - 1n;
  const remainder = high & mask;
  const threshold = (mask >> 1n) + (high < 0n ? 1n : 0n);
  return (high >> right) + (remainder > threshold ? 1n : 0n);
}

const cases: readonly (readonly [acc: number, m: number, shift: number])[] = (() => {
  let x = 1;
  const next = (): number => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  };
  const out: [number, number, number][] = [];
  for (let i = 0; i < 20000; i++) {
    const shift = ((next() >>> 0) % 44) - 31;
    const acc = shift > 0 ? next() >> (shift + 1) : next() >> ((next() >>> 0) % 31);
    out.push([acc, 2 ** 30 + ((next() >>> 0) % 2 ** 30), shift]);
  }
  for (let shift = -31; shift <= 0; shift++)
    for (const acc of [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 30, -(2 ** 30)])
      for (const m of [2 ** 30, 2 ** 31 - 1, 1518500250]) out.push([acc, m, shift]);
  return out;
})();

test("the one-product requantization equals gemmlowp's double rounding", () => {
  for (const [acc, m, shift] of cases)
    expect(multiplyByQuantizedMultiplier(acc, { m, shift }), `${acc} * ${m} << ${shift}`).toBe(
      Number(doubleRounding(BigInt(acc), BigInt(m), shift)),
    );
});

test("the AssemblyScript kernel equals the TypeScript oracle", async () => {
  const source = `import { requantize } from "./numerics/requantize.as"; export function f(acc: i32, m: i32, shift: i32): i32 { return requantize(acc, m, shift); }`;
  const wasm = await assemble(source, { family: "scalar", flavour: "portable", memoryBytes: 64 });
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(wasm), {});
  const f = instance.exports["f"] as (acc: number, m: number, shift: number) => number;
  for (const [acc, m, shift] of cases) expect(f(acc, m, shift)).toBe(multiplyByQuantizedMultiplier(acc, { m, shift }));
});

test("a real multiplier splits into Q31 and a power of two", () => {
  expect(quantizeMultiplier(0.5)).toEqual({ m: 2 ** 30, shift: 0 });
  expect(quantizeMultiplier(1)).toEqual({ m: 2 ** 30, shift: 1 });
  expect(quantizeMultiplier(0)).toEqual({ m: 0, shift: 0 });
  expect(quantizeMultiplier(2 ** -40)).toEqual({ m: 0, shift: 0 });
  for (const real of [0.0003, 0.1, 0.999999, 3.7, 2 ** -31]) {
    const { m, shift } = quantizeMultiplier(real);
    expect(Math.abs((m / 2 ** 31) * 2 ** shift - real) / real).toBeLessThan(2 ** -30); // half a unit of a 31-bit fraction
  }
});
