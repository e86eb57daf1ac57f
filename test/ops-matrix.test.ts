/**
 * Convolutions, dense and recurrences beyond the golden cases: sums that need 64 bits, groups in every dtype, packed
 * int4, f32 with int8 weights, states; integers against oracles written here in exact integers.
 */
import { describe, expect, test } from "vitest";
import { geometryOf, type WindowAttrs } from "../kernels/conv/geometry.ts";
import { conv2d } from "../kernels/conv2d/conv2d.ts";
import { dense } from "../kernels/dense/dense.ts";
import { depthwiseConv2d } from "../kernels/depthwiseConv2d/depthwiseConv2d.ts";
import { lstm } from "../kernels/lstm/lstm.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from "../kernels/numerics/requantize.ts";
import { reduceMultiplier, requantizeWide } from "../kernels/numerics/requantize-wide.ts";
import { type DType, elements, type Family, type Quant, type Tensor, type TypedArray } from "../kernels/op.ts";
import { packInt4 } from "../kernels/pack-i4.ts";
import { planGraph } from "../sdk/compile/plan.ts";
import { compilePortable } from "../sdk/compile/portable.ts";
import { typed, typedAll } from "../sdk/formats/tflite/operator.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { interpret } from "../sdk/graph/interpret.ts";
import { constant, inputLeaf, state } from "../sdk/graph/leaves.ts";
import { loadModule } from "../sdk/runtime/module.ts";
import { random } from "./op-samples.ts";

const symmetric = (...scale: number[]): Quant => ({
  scale: scale.map(Math.fround),
  zeroPoint: scale.map(() => 0),
  ...(scale.length > 1 ? { axis: 0 } : {}),
});
const next = random(7);
const draw = <T extends TypedArray>(array: T, lo: number, hi: number): T => {
  for (let i = 0; i < array.length; i++) array[i] = Math.floor(lo + (hi - lo + 1) * next());
  return array;
};
const graphOf = (y: Tensor, ...inputs: readonly Tensor[]): Graph =>
  createGraph({
    inputs: inputs.map((tensor) => ({ name: tensor.node.name, tensor })),
    outputs: [{ name: "y", tensor: y }],
  });
const run = async (graph: Graph, feeds: Record<string, TypedArray>, family: Family = "scalar"): Promise<TypedArray> =>
  (await loadModule((await compilePortable(graph, { name: "matrix" }, family)).wasm)).infer(feeds)["y"]!;

/** Exact sums of a convolution in groups, output order. */
function sums(
  x: { shape: readonly number[]; data: TypedArray; zeroPoint: number },
  w: { shape: readonly number[]; data: TypedArray },
  bias: readonly bigint[],
  attrs: WindowAttrs,
): readonly bigint[] {
  const { h, w: across } = geometryOf("oracle", x.shape, w.shape.slice(1, 3), attrs);
  const [oc, kh, kw, count] = w.shape as readonly [number, number, number, number];
  const [batch, ih, iw, ic] = x.shape as readonly [number, number, number, number];
  const filters = (oc * count) / ic;
  const out: bigint[] = [];
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < h.output; oy++)
      for (let ox = 0; ox < across.output; ox++)
        for (let o = 0; o < oc; o++) {
          let acc = bias[o] ?? 0n;
          for (let ky = 0; ky < kh; ky++)
            for (let kx = 0; kx < kw; kx++) {
              const iy = oy * h.stride + ky * h.dilation - h.before;
              const ix = ox * across.stride + kx * across.dilation - across.before;
              if (iy < 0 || iy >= ih || ix < 0 || ix >= iw) continue;
              for (let i = 0; i < count; i++) {
                const value = x.data[((n * ih + iy) * iw + ix) * ic + Math.floor(o / filters) * count + i] as number;
                const weight = w.data[((o * kh + ky) * kw + kx) * count + i] as number;
                acc += BigInt((value - x.zeroPoint) * weight);
              }
            }
          out.push(acc);
        }
  return out;
}

const WINDOW: WindowAttrs = { strides: [2, 1], dilations: [1, 2], padding: "same" };
const clampTo = (lo: number, hi: number, v: number): number => Math.min(Math.max(v, lo), hi);

describe("int16x8", () => {
  const CASES = [
    { note: "64-bit sums that 32 bits do not hold", x: [1, 3, 4, 64], w: [3, 3, 3, 64], bias: "i64", extreme: true },
    { note: "no bias, groups", x: [2, 5, 4, 6], w: [9, 3, 2, 2], bias: undefined, extreme: false },
    { note: "32-bit sums, groups", x: [1, 5, 4, 6], w: [4, 3, 3, 3], bias: "i32", extreme: false },
    {
      note: "a row of pixels, one past a pair of filters",
      x: [1, 2, 9, 5],
      w: [5, 1, 1, 5],
      bias: "i64",
      extreme: false,
    },
  ] as const;
  test.each(CASES)("convolution: $note", async ({ x: shape, w: weightShape, bias: biasType, extreme }) => {
    const oc = weightShape[0];
    const scales = Array.from({ length: oc }, (_, c) => 0.004 + 0.001 * c);
    const data = new Int16Array(elements(shape));
    const weights = new Int8Array(elements(weightShape));
    if (extreme) {
      data.fill(-32768);
      weights.fill(-128);
    } else {
      draw(data, -32768, 32767);
      draw(weights, -128, 127);
    }
    const range = extreme ? 2 ** 38 : 2 ** 20;
    const biases = Array.from({ length: oc }, () => BigInt(Math.round((next() - 0.5) * range)));
    const x = inputLeaf("x", { dtype: "i16", shape, quant: symmetric(0.001) });
    const bias =
      biasType === "i64"
        ? constant(BigInt64Array.from(biases), [oc])
        : biasType === "i32"
          ? constant(Int32Array.from(biases, Number), [oc])
          : undefined;
    const w = constant(weights, weightShape, { quant: symmetric(...scales) });
    const outScale = extreme ? 40 : 0.05;
    const plain = conv2d(x, w, bias, WINDOW);
    const y = typed(plain, { ...plain.type, quant: symmetric(outScale) });
    const want = sums({ shape, data, zeroPoint: 0 }, { shape: weightShape, data: weights }, bias ? biases : [], WINDOW);
    const real = (c: number): number => (Math.fround(0.001) * Math.fround(scales[c]!)) / Math.fround(outScale);
    const codes = want.map((sum, i) => {
      const c = i % oc;
      const value =
        biasType === "i32"
          ? multiplyByQuantizedMultiplier(Number(sum), quantizeMultiplier(real(c)))
          : requantizeWide(sum, real(c));
      return clampTo(-32768, 32767, value);
    });
    if (extreme) expect(want.some((sum) => sum > 2n ** 31n)).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(2);
    for (const family of ["scalar", "pair", "pairdot"] as const)
      expect(Array.from((await run(graphOf(y, x), { x: data }, family)) as Int16Array), family).toEqual(codes);
  });

  test("depthwise convolution with a multiplier, dilation and an i32 bias sums in 64 bits", async () => {
    const [shape, weightShape] = [
      [2, 6, 7, 3],
      [1, 3, 2, 6],
    ] as const;
    const data = draw(new Int16Array(elements(shape)), -32768, 32767);
    const weights = draw(new Int8Array(36), -128, 127);
    const biases = Int32Array.from([5, -70000, 123456789, 0, -2147483648, 2147483647]);
    const x = inputLeaf("x", { dtype: "i16", shape, quant: symmetric(0.001) });
    const quant: Quant = {
      scale: [1, 2, 3, 4, 5, 6].map((s) => Math.fround(s / 400)),
      zeroPoint: [0, 0, 0, 0, 0, 0],
      axis: 3,
    };
    const plain = depthwiseConv2d(x, constant(weights, weightShape, { quant }), constant(biases, [6]), WINDOW);
    const y = typed(plain, { ...plain.type, quant: symmetric(0.9) });
    // The same as a convolution in groups of one channel: weights [oc, kh, kw, 1].
    const grouped = Int8Array.from({ length: 36 }, (_, i) => weights[(i % 6) * 6 + Math.floor(i / 6)]!);
    const want = sums(
      { shape, data, zeroPoint: 0 },
      { shape: [6, 3, 2, 1], data: grouped },
      Array.from(biases, BigInt),
      WINDOW,
    );
    const codes = want.map((sum, i) =>
      clampTo(-32768, 32767, requantizeWide(sum, (Math.fround(0.001) * quant.scale[i % 6]!) / Math.fround(0.9))),
    );
    expect(Array.from((await run(graphOf(y, x), { x: data })) as Int16Array)).toEqual(codes);
  });

  test("multipliers of 128 and above have no room in 64 bits and are refused", () => {
    expect(() => reduceMultiplier(quantizeMultiplier(128))).toThrow(
      "requantize: multiplier 128.0 of a 64-bit sum, expected below 128 (output scale is too small for these inputs)",
    );
    expect(reduceMultiplier(quantizeMultiplier(1 - 2 ** -31))).toEqual({ m: 0x7fff, right: 15 });
    expect(reduceMultiplier(quantizeMultiplier(0.75))).toEqual({ m: 0x6000, right: 15 });
  });
});

describe("int4 weights", () => {
  test("two a byte, the even one in the low half, rows padded", () => {
    expect([...packInt4([1, -2, 3, -8, 7, 0], 2, 3)]).toEqual([0xe1, 0x03, 0x78, 0x00]);
  });

  test("a convolution in groups keeps them packed in flash and gives the exact codes", async () => {
    const [shape, weightShape] = [
      [1, 5, 6, 9],
      [6, 3, 3, 3],
    ] as const;
    const data = draw(new Int8Array(elements(shape)), -128, 127);
    const weights = draw(new Int8Array(elements(weightShape)), -8, 7);
    const biases = draw(new Int32Array(6), -5000, 5000);
    const scales = [1, 2, 3, 4, 5, 6].map((s) => Math.fround(s / 100));
    const x = inputLeaf("x", { dtype: "i8", shape, quant: { scale: [0.5], zeroPoint: [-7] } });
    const w = constant(weights, weightShape, { dtype: "i4", quant: symmetric(...scales) });
    const plain = conv2d(x, w, constant(biases, [6]), { ...WINDOW, activation: "relu" });
    const y = typed(plain, { ...plain.type, quant: { scale: [2], zeroPoint: [-100] } });
    const want = sums(
      { shape, data, zeroPoint: -7 },
      { shape: weightShape, data: weights },
      Array.from(biases, BigInt),
      WINDOW,
    );
    const codes = want.map((sum, i) => {
      const value = multiplyByQuantizedMultiplier(Number(sum), quantizeMultiplier((0.5 * scales[i % 6]!) / 2)) - 100;
      return clampTo(-100, 127, value);
    });
    const graph = graphOf(y, x);
    expect(Array.from((await run(graph, { x: data })) as Int8Array)).toEqual(codes);
    // 6 filters of 27 weights, 14 bytes each, and three words a channel.
    expect(planGraph(graph, { family: "scalar" }).plan.steps[0]!.weightBytes).toBe(6 * 14 + 6 * 12);
  });
});

describe("f32 with int8 weights", () => {
  const close = async (y: Tensor, x: Tensor): Promise<void> => {
    const data = Float32Array.from({ length: elements(x.shape) }, () => next() * 2 - 1);
    const graph = graphOf(y, x);
    const want = interpret(graph, { x: data }).outputs["y"]!.data;
    const got = await run(graph, { x: data });
    const peak = Math.max(...want.map(Math.abs));
    // 32 roundings or fewer of 2^-24 on sums no larger than 16 times the result's peak.
    want.forEach((v, i) => expect(Math.abs((got[i] as number) - v)).toBeLessThan(peak * 2 ** -17));
  };
  const codes = (n: number): Int8Array => draw(new Int8Array(n), -127, 127);

  test("dense, per tensor and per channel, weights stay int8 in flash", async () => {
    const x = inputLeaf("x", { dtype: "f32", shape: [3, 17] });
    const bias = constant(Float32Array.of(1, -2, 3, 0.5, 0), [5]);
    for (const quant of [symmetric(0.02), symmetric(0.1, 0.02, 0.003, 0.04, 0.5)]) {
      const y = dense(x, constant(codes(85), [5, 17], { quant }), bias, { activation: "relu6" });
      await close(y, x);
      expect(planGraph(graphOf(y, x), { family: "pair" }).plan.steps[0]!.weightBytes).toBe(85 + 5 * 4 + 5 * 4);
    }
  });

  test("convolution, also in groups and without bias", async () => {
    const x = inputLeaf("x", { dtype: "f32", shape: [2, 5, 4, 6] });
    await close(conv2d(x, constant(codes(4 * 9 * 6), [4, 3, 3, 6], { quant: symmetric(0.1) }), undefined, WINDOW), x);
    const grouped = constant(codes(4 * 9 * 3), [4, 3, 3, 3], { quant: symmetric(0.1, 0.2, 0.05, 0.01) });
    await close(conv2d(x, grouped, constant(Float32Array.of(1, 2, 3, 4), [4]), WINDOW), x);
  });

  test("weights with a zero point are refused", () => {
    const x = inputLeaf("x", { dtype: "f32", shape: [1, 2] });
    const w = constant(codes(2), [1, 2], { quant: { scale: [1], zeroPoint: [3] } });
    expect(() => planGraph(graphOf(dense(x, w), x), { family: "scalar" })).toThrow(
      "weights have zero point 3, expected 0 (weights are symmetric)",
    );
  });

  test("operands without a kernel are refused by name", () => {
    const x = inputLeaf("x", { dtype: "i16", shape: [1, 2] });
    expect(() => dense(x, constant(new Int16Array(2), [1, 2]))).toThrow(
      "dense: i16[1,2] with weights i16[1,2], expected one of f32 with f32, f32 with i8, i8 with i8, i8 with i4, i16 with i8",
    );
  });
});

describe("lstm", () => {
  const [inputs, units, steps] = [5, 8, 12];
  const real = (n: number): Float64Array => Float64Array.from({ length: n }, () => next() * 2 - 1);
  const [w, r] = [real(4 * units * inputs), real(4 * units * units)];
  const bias = real(4 * units);

  /** The network of w, r and bias with activations of `dtype`. */
  function quantized(dtype: "i8" | "i16", steps: number): Graph {
    const scale = dtype === "i16" ? 2 ** -15 : 2 ** -7;
    const x = inputLeaf("x", { dtype, shape: [1, steps, inputs], quant: symmetric(scale) });
    const weights = (data: Float64Array, size: number, name: string): Tensor =>
      constant(
        Int8Array.from(data, (v) => Math.round(v * 127)),
        [4, units, size],
        {
          name,
          quant: symmetric(...new Array<number>(4).fill(1 / 127)),
        },
      );
    const biasScale = Math.fround(scale) * Math.fround(1 / 127);
    const codes = bias.map((v) => Math.round(v / biasScale));
    const hidden = state("hidden", [1, units], { dtype, quant: symmetric(scale) });
    const cell = state("cell", [1, units], { dtype: "i16", quant: symmetric(2 ** -11) });
    const b = constant(dtype === "i16" ? BigInt64Array.from(codes, BigInt) : Int32Array.from(codes), [4, units]);
    const outputs = lstm(x, weights(w, inputs, "w"), weights(r, units, "r"), b, hidden, cell, {});
    const [y, h, c] = typedAll(outputs, [{ ...outputs[0].type, quant: symmetric(scale) }, hidden.type, cell.type]);
    return createGraph({
      inputs: [{ name: "x", tensor: x }],
      outputs: [{ name: "y", tensor: y! }],
      updates: [
        { target: hidden, value: h! },
        { target: cell, value: c! },
      ],
    });
  }
  const codesOf = (dtype: DType, values: Float64Array): TypedArray =>
    dtype === "i16"
      ? Int16Array.from(values, (v) => Math.round(v * 32767))
      : Int8Array.from(values, (v) => Math.round(v * 127));

  // Weights round to 1/254, 13 terms a gate, through 12 steps: 2 % of full scale; int8 adds the states' own 1/256.
  test.each([
    ["i16", 2 ** -15, 0.02],
    ["i8", 2 ** -7, 0.06],
  ] as const)("%s stays near the f64 reference over a sequence", async (dtype, scale, tolerance) => {
    const values = real(steps * inputs);
    const x = inputLeaf("x", { dtype: "f32", shape: [1, steps, inputs] });
    const f32 = (data: Float64Array, shape: readonly number[]): Tensor => constant(Float32Array.from(data), shape);
    const zeros = (): Tensor => f32(new Float64Array(units), [1, units]);
    const [reference] = lstm(
      x,
      f32(w, [4, units, inputs]),
      f32(r, [4, units, units]),
      f32(bias, [4, units]),
      zeros(),
      zeros(),
      {},
    );
    const want = interpret(graphOf(reference, x), { x: values }).outputs["y"]!.data;
    const got = await run(quantized(dtype, steps), { x: codesOf(dtype, values) });
    const errors = want.map((v, i) => Math.abs((got[i] as number) * scale - v));
    expect(Math.max(...errors)).toBeLessThan(tolerance);
  });

  test("states carry over: calls of four steps give the bytes of one call of twelve", async () => {
    for (const dtype of ["i8", "i16"] as const) {
      // The states are written in place: one step, no copies.
      expect(planGraph(quantized(dtype, 4), { family: "scalar" }).plan.steps.map((s) => s.kernel)).toEqual([
        `lstm_${dtype}`,
      ]);
      const x = codesOf(dtype, real(steps * inputs));
      const whole = await run(quantized(dtype, steps), { x });
      const parts = await loadModule((await compilePortable(quantized(dtype, 4), { name: "parts" }, "scalar")).wasm);
      const joined: number[] = [];
      for (let at = 0; at < x.length; at += 4 * inputs)
        joined.push(...(parts.infer({ x: x.slice(at, at + 4 * inputs) })["y"] as Int8Array));
      expect(joined, dtype).toEqual(Array.from(whole as Int8Array));
    }
  });
});
