/** add and sub of int8 in 32 bits: every pair of codes in every family against TFLite's form, and what is not provable. */
import { describe, expect, test } from "vitest";
import { add } from "../kernels/add/add.ts";
import { provedLinear } from "../kernels/numerics/linear.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from "../kernels/numerics/requantize.ts";
import type { Family, Quant, Tensor, TypedArray } from "../kernels/op.ts";
import { sub } from "../kernels/sub/sub.ts";
import { compilePortable } from "../sdk/compile/portable.ts";
import { typed } from "../sdk/formats/tflite/operator.ts";
import { createGraph } from "../sdk/graph/graph.ts";
import { inputLeaf } from "../sdk/graph/leaves.ts";
import { loadModule } from "../sdk/runtime/module.ts";

const quant = (scale: number, zeroPoint: number): Quant => ({ scale: [Math.fround(scale)], zeroPoint: [zeroPoint] });
const [QA, QB, QZ] = [quant(0.03127461, -5), quant(0.02170193, 11), quant(0.03881357, -3)];
const codes = Array.from({ length: 256 }, (_, i) => i - 128);

/** TFLite's code of a pair: ADD forms its scales in f64, SUB in f32. */
function exact(sign: 1 | -1, lo: number, hi: number): (a: number, b: number) => number {
  const round = sign === 1 ? (x: number): number => x : Math.fround;
  const [sa, sb, sz] = [QA, QB, QZ].map((q) => q.scale[0]!) as [number, number, number];
  const twice = 2 * Math.max(sa, sb);
  const [ma, mb] = [quantizeMultiplier(round(sa / twice)), quantizeMultiplier(round(sb / twice))];
  const mz = quantizeMultiplier(round(twice / (2 ** 20 * sz)));
  const scaled = (q: Quant, m: typeof ma): number[] =>
    codes.map((code) => multiplyByQuantizedMultiplier((code - q.zeroPoint[0]!) * 2 ** 20, m));
  const [x, y] = [scaled(QA, ma), scaled(QB, mb)];
  return (a, b) => {
    const sum = x[a + 128]! + sign * y[b + 128]!;
    return Math.min(hi, Math.max(lo, multiplyByQuantizedMultiplier(sum, mz) + QZ.zeroPoint[0]!));
  };
}

const ROWS = [
  { name: "add", op: add, sign: 1, activation: "none", lo: -128 },
  { name: "add with relu", op: add, sign: 1, activation: "relu", lo: QZ.zeroPoint[0]! },
  { name: "sub", op: sub, sign: -1, activation: "none", lo: -128 },
] as const;
/** Seven more than the pairs, so that every kernel has a tail. */
const PAIRS = 65536 + 7;
const bytesOf = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const pairs = Array.from({ length: PAIRS }, (_, i) => [((i >> 8) & 255) - 128, (i & 255) - 128] as const);

const WANTED = ROWS.map(({ sign, lo }) => {
  const code = exact(sign, lo, 127);
  return Int8Array.from(pairs, ([x, y]) => code(x, y));
});

describe.each(["scalar", "pair", "reduce", "pairdot", "dot4"] satisfies Family[])("%s", (family) => {
  test("all pairs of codes, of one shape and broadcast", async () => {
    const leaf = (name: string, shape: readonly number[], q: Quant): Tensor =>
      inputLeaf(name, { dtype: "i8", shape, quant: q });
    const [a, b] = [leaf("a", [PAIRS], QA), leaf("b", [PAIRS], QB)];
    const [column, row] = [leaf("column", [256, 1], QA), leaf("row", [1, 256], QB)];
    const outputs = ROWS.flatMap(({ name, op, activation }, i) =>
      [["same", a, b, [PAIRS]] as const, ["rows", column, row, [256, 256]] as const].map(([form, x, y, shape]) => ({
        name: `${form}${i}`,
        tensor: typed(op(x, y, { activation, name: `${name} ${form}` }), { dtype: "i8", shape, quant: QZ }),
      })),
    );
    const inputs = [a, b, column, row].map((tensor) => ({ name: tensor.node.name, tensor }));
    const { wasm, plan } = await compilePortable(createGraph({ inputs, outputs }), { name: "linear" }, family);
    expect(plan.steps.map((s) => s.requantize)).toEqual(outputs.map(() => "saturating"));
    const out = (await loadModule(wasm)).infer({
      a: Int8Array.from(pairs, ([x]) => x),
      b: Int8Array.from(pairs, ([, y]) => y),
      column: Int8Array.from(codes),
      row: Int8Array.from(codes),
    });
    ROWS.forEach(({ name }, i) => {
      const want = WANTED[i]!;
      expect(Buffer.compare(bytesOf(out[`same${i}`]!), bytesOf(want)), name).toBe(0);
      expect(Buffer.compare(bytesOf(out[`rows${i}`]!), bytesOf(want.subarray(0, 65536))), `${name} rows`).toBe(0);
    });
  });
});

describe("provedLinear", () => {
  const table = (code: (a: number, b: number) => number): Int8Array =>
    Int8Array.from(codes.flatMap((a) => codes.map((b) => code(a, b))));
  const linear = table((a, b) => Math.min(127, Math.max(-128, Math.floor(a * 0.5 + b * 0.25 + 0.5))));

  test("finds constants that give every pair", () => {
    const { ma, mb, r } = provedLinear(linear, [0.5, 0.25], 22, [-128, 127])!;
    for (const a of codes)
      for (const b of codes) {
        const code = Math.min(127, Math.max(-128, (a * ma + b * mb + r) >> 22));
        expect(code).toBe(linear[(a + 128) * 256 + b + 128]);
      }
  });

  test("one wrong code of 65,536 is not provable", () => {
    const broken = linear.slice();
    broken[128 * 256 + 128]!++;
    expect(provedLinear(broken, [0.5, 0.25], 22, [-128, 127])).toBeUndefined();
  });

  test("slopes whose sums leave 32 bits are refused", () => {
    const steep = table((a, b) => Math.min(127, Math.max(-128, 3 * a + 2 * b)));
    expect(provedLinear(steep, [3, 2], 22, [-128, 127])).toBeUndefined();
  });
});
