/** The pair family's kernels against the exact ones of the same operators, over shapes that reach every path. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lowerExact as convExact } from "../kernels/conv2d/lower-i8.ts";
import { lowerExact as denseExact } from "../kernels/dense/lower-i8.ts";
import { lowerExact as depthwiseExact } from "../kernels/depthwiseConv2d/lower-i8.ts";
import { proveHigh32 } from "../kernels/numerics/forms/high32.ts";
import {
  exactCode,
  type RequantizeChannel,
  reachableSums,
  searchedThresholds,
  thresholds,
} from "../kernels/numerics/prove.ts";
import { quantizeMultiplier } from "../kernels/numerics/requantize.ts";
import { type Attrs, elements, type LowerCall, type Lowered, type TensorType } from "../kernels/op.ts";
import { assemble, kernelFolder } from "../sdk/compile/assemble.ts";
import { definitionOf } from "../sdk/graph/registry.ts";
import { type Kernels, type Module, runWasm } from "./elem-harness.ts";

const OPERATORS = ["conv2d", "depthwiseConv2d", "dense"];
const PAGES_BYTES = 1 << 20;

const module = await (async (): Promise<Module> => {
  const files = OPERATORS.flatMap((n) => [`${n}/${n}`, `${n}/${n}.pair`]);
  const entry = files
    .filter((file) => existsSync(`${kernelFolder}/${file}.as.ts`))
    .map((file) => `export * from "./${file}.as";`)
    .join("\n");
  const wasm = await assemble(entry, { family: "pair", flavour: "portable", memoryBytes: PAGES_BYTES });
  const { memory, ...kernels } = new WebAssembly.Instance(new WebAssembly.Module(wasm as BufferSource)).exports;
  return { kernels: kernels as Kernels, memory: memory as Module["memory"] };
})();

/** Deterministic integers. */
function random(seed: number): (below: number) => number {
  let x = seed | 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

interface Case {
  readonly op: string;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attrs?: Attrs;
  readonly zeroPointIn?: number;
  readonly zeroPointOut?: number;
  /** Output codes that a sum of one product moves, at most; small values leave channels with one code. */
  readonly gain?: number;
  readonly noBias?: boolean;
  /** Kernel that the lowering must choose. */
  readonly kernel: string;
  readonly form?: string;
}

const EXACT: Readonly<Record<string, (call: LowerCall<never>) => Lowered>> = {
  conv2d: convExact,
  depthwiseConv2d: depthwiseExact,
  dense: denseExact,
};

function check(c: Case, seed: number): void {
  const next = random(seed);
  const definition = definitionOf(c.op);
  const n = c.op === "depthwiseConv2d" ? c.w[3]! : c.w[0]!;
  const axis = c.op === "depthwiseConv2d" ? 3 : 0;
  const weights = Int8Array.from({ length: elements(c.w) }, () => next(255) - 127);
  const bias = Int32Array.from({ length: n }, () => next(20001) - 10000);
  const gain = c.gain ?? 0.01;
  const x: TensorType = { dtype: "i8", shape: c.x, quant: { scale: [0.5], zeroPoint: [c.zeroPointIn ?? 3] } };
  const scale = Array.from({ length: n }, () => Math.fround(gain * (0.5 + next(1000) / 1000)));
  const w: TensorType = { dtype: "i8", shape: c.w, quant: { scale, zeroPoint: scale.map(() => 0), axis } };
  const b: TensorType = { dtype: "i32", shape: [n] };
  const inputs = c.noBias ? [x, w] : [x, w, b];
  const attrs: Attrs = { ...definition.attrs, ...c.attrs };
  const output: TensorType = {
    ...definition.infer(inputs, attrs)[0]!,
    quant: { scale: [0.5], zeroPoint: [c.zeroPointOut ?? -5] },
  };
  const call = {
    inputs,
    outputs: [output],
    attrs,
    family: "pair" as const,
    isConstant: (i: number) => i > 0,
    constant: (i: number) => (i === 1 ? weights : bias),
  };
  const lowered = definition.lower(call);
  expect(lowered.kernel?.replace("_mixed", "")).toBe(c.kernel);
  if (c.form) expect(lowered.requantize).toBe(c.form);
  const data = [Int8Array.from({ length: elements(c.x) }, () => next(256) - 128)];
  const run = (l: Lowered) =>
    Array.from(runWasm(module, { name: c.op, lowered: l, inputs: data, outputs: [output] })[0] as Int8Array);
  expect(run(lowered)).toEqual(run(EXACT[c.op]!(call as unknown as LowerCall<never>)));
}

const same = { padding: "same" };
const relu = { activation: "relu" };
const CONV = "conv2d_i8_pair";
const DEPTHWISE = "depthwiseConv2d_i8_pair";
const DENSE = "dense_i8_pair";
const cases: readonly Case[] = [
  { op: "conv2d", x: [1, 5, 7, 8], w: [6, 1, 1, 8], kernel: CONV, attrs: relu, zeroPointOut: -128, gain: 0.004 },
  { op: "conv2d", x: [1, 5, 7, 8], w: [6, 1, 1, 8], kernel: CONV, form: "exact64" },
  { op: "conv2d", x: [1, 1, 3, 4], w: [2, 1, 1, 4], kernel: CONV },
  { op: "conv2d", x: [3, 1, 1, 5], w: [4, 1, 1, 5], kernel: CONV },
  { op: "conv2d", x: [2, 6, 5, 3], w: [4, 3, 3, 3], kernel: CONV, attrs: { ...same, strides: [2, 1] } },
  { op: "conv2d", x: [1, 9, 6, 1], w: [8, 5, 4, 1], kernel: CONV, attrs: { ...same, strides: [2, 2] }, gain: 0.1 },
  { op: "conv2d", x: [1, 3, 3, 4], w: [2, 7, 7, 4], kernel: CONV, attrs: { padding: [5, 4, 6, 3] } },
  {
    op: "conv2d",
    x: [1, 9, 4, 12],
    w: [2, 3, 2, 12],
    kernel: CONV,
    attrs: { dilations: [2, 1], padding: [1, 2, 0, 1] },
  },
  { op: "conv2d", x: [1, 4, 4, 6], w: [10, 2, 2, 6], kernel: CONV, attrs: { activation: "relu6" }, noBias: true },
  { op: "conv2d", x: [1, 4, 4, 6], w: [10, 2, 2, 6], kernel: CONV, zeroPointIn: 127, zeroPointOut: 127, gain: 0.0005 },
  { op: "conv2d", x: [1, 4, 4, 6], w: [10, 2, 2, 6], kernel: CONV, zeroPointIn: -128, gain: 1e-9 },
  { op: "conv2d", x: [1, 4, 4, 6], w: [9, 2, 2, 6], kernel: "conv2d_i8" },
  { op: "conv2d", x: [1, 4, 4, 6], w: [10, 2, 2, 6], kernel: "conv2d_i8", gain: 1.4 },
  {
    op: "depthwiseConv2d",
    x: [1, 5, 7, 8],
    w: [1, 3, 3, 8],
    kernel: DEPTHWISE,
    attrs: { ...same, ...relu },
    zeroPointOut: -128,
  },
  { op: "depthwiseConv2d", x: [2, 25, 5, 4], w: [1, 3, 3, 4], kernel: DEPTHWISE, attrs: same },
  { op: "depthwiseConv2d", x: [1, 8, 9, 12], w: [1, 3, 3, 12], kernel: DEPTHWISE, attrs: { ...same, strides: [2, 2] } },
  { op: "depthwiseConv2d", x: [1, 60, 70, 4], w: [1, 3, 3, 4], kernel: DEPTHWISE, attrs: { ...same, strides: [2, 2] } },
  {
    op: "depthwiseConv2d",
    x: [1, 41, 41, 4],
    w: [1, 3, 3, 4],
    kernel: DEPTHWISE,
    attrs: { strides: [3, 1] },
    noBias: true,
  },
  { op: "depthwiseConv2d", x: [1, 9, 10, 4], w: [1, 3, 3, 4], kernel: DEPTHWISE, attrs: { strides: [1, 4] } },
  { op: "depthwiseConv2d", x: [1, 3, 3, 4], w: [1, 3, 3, 4], kernel: DEPTHWISE, attrs: { padding: [4, 5, 3, 6] } },
  {
    op: "depthwiseConv2d",
    x: [1, 1, 9, 4],
    w: [1, 3, 3, 4],
    kernel: DEPTHWISE,
    attrs: same,
    zeroPointIn: -128,
    zeroPointOut: 127,
  },
  { op: "depthwiseConv2d", x: [1, 4, 4, 4], w: [1, 3, 3, 4], kernel: "depthwiseConv2d_i8" },
  { op: "depthwiseConv2d", x: [1, 5, 5, 6], w: [1, 3, 3, 6], kernel: "depthwiseConv2d_i8" },
  { op: "dense", x: [1, 16], w: [4, 16], kernel: DENSE },
  { op: "dense", x: [3, 17], w: [9, 17], kernel: DENSE, attrs: relu, noBias: true },
  { op: "dense", x: [2, 130], w: [2, 130], kernel: DENSE, attrs: relu, zeroPointOut: -128, gain: 0.001 },
  { op: "dense", x: [1, 1], w: [1, 1], kernel: DENSE },
  { op: "dense", x: [1, 4], w: [3, 4], kernel: "dense_i8", gain: 3 },
];

describe("pair kernels give the bytes of the exact ones", () => {
  test.each(cases.map((c) => [`${c.op} ${JSON.stringify(c)}`, c] as const))("%s", (_, c) => {
    for (let seed = 1; seed <= 4; seed++) check(c, seed * 7919);
  });
});

describe("proofs", () => {
  const next = random(99);
  const channels = Array.from({ length: 400 }, (_, i): RequantizeChannel => {
    const { m, shift } = quantizeMultiplier(2 ** (-next(1600) / 100) * (1 + next(1000) / 1000) * 0.7);
    const zeroPoint = i % 2 ? -128 : next(256) - 128;
    const size = Math.min((2 ** 30) >> Math.max(shift, 0), Math.ceil((next(1000) + 1) * 0.4 * 2 ** -shift));
    const sumLo = -next(size + 1);
    return { m: i % 7 ? m : 2 ** 30, shift, zeroPoint, lo: -128, hi: 127, sumLo, sumHi: sumLo + next(size) };
  });

  test("thresholds by formula are those of the oracle", () => {
    for (const c of channels) expect(thresholds(c), JSON.stringify(c)).toEqual(searchedThresholds(c));
  });

  test.each([0, 8] as const)("what is proved high32 with %i fraction bits gives the exact codes", (bits) => {
    let proved = 0;
    for (const c of channels) {
      const p = proveHigh32(c, bits);
      if (!p) continue;
      proved++;
      const form = (sum: number): number => {
        const product = BigInt((sum + p.start) * 2 ** bits) * BigInt(p.multiplier) + (BigInt(p.offset) << 32n);
        return Math.min(Math.max(Number(product >> BigInt(32 + bits)), c.lo), c.hi);
      };
      const sums = [c.sumLo, c.sumHi, ...searchedThresholds(c).flatMap((t) => [t - 1, t])];
      for (let i = 0; i < 50; i++) sums.push(c.sumLo + next(c.sumHi - c.sumLo + 1));
      for (const sum of sums) expect(form(sum), JSON.stringify({ c, p, sum })).toBe(exactCode(c, sum));
    }
    expect(proved).toBeGreaterThan(100);
  });

  test("reachable sums are reached and not passed", () => {
    const weights = [3, -5, 0, 127];
    expect(reachableSums(weights, 10, -128)).toEqual([10 - 5 * 255, 10 + 130 * 255]);
    expect(reachableSums(weights, 0, 5)).toEqual([-133 * 130 - 122 * 5, 122 * 130 + 133 * 5]);
  });
});
