/** Recurrent layers: forward against the operator and the textbook in f64, gradients, and the int8 form. */
import { describe, expect, test } from "vitest";
import { lstm as lstmOp } from "../kernels/lstm/lstm.ts";
import { mean } from "../kernels/mean/mean.ts";
import { mul } from "../kernels/mul/mul.ts";
import { Tensor } from "../kernels/op.ts";
import { compilePortable } from "../sdk/compile/portable.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { interpret } from "../sdk/graph/interpret.ts";
import { inputLeaf } from "../sdk/graph/leaves.ts";
import { gru, lstm } from "../sdk/nn/index.ts";
import { input, model } from "../sdk/nn/model.ts";
import { quantizeModel } from "../sdk/quantize/quantize.ts";
import { loadModule } from "../sdk/runtime/module.ts";
import { gradients } from "../sdk/train/autodiff.ts";
import { random } from "./op-samples.ts";
import { fillParams } from "./support/fill-params.ts";

const [STEPS, CHANNELS, UNITS] = [4, 3, 5];
const next = random(11);
const values = (n: number): Float64Array => Float64Array.from({ length: n }, () => next() * 2 - 1);
const x = values(STEPS * CHANNELS);

const traced = (layer: (x: Tensor) => Tensor): Graph =>
  model({ x: input("f32", [STEPS, CHANNELS]) }, ({ x: t }) => ({ y: layer(t) })).graph;

/** Values for every parameter, by name. */
const draw = (graph: Graph): Record<string, Float64Array> =>
  Object.fromEntries(
    graph.nodes
      .filter((n) => n.op === "param")
      .map((n) => [n.name, values(n.types[0]!.shape.reduce((p, d) => p * d, 1))]),
  );

/** The parameter whose name ends so. */
const named = (params: Record<string, Float64Array>, end: string): Float64Array =>
  params[Object.keys(params).find((name) => name.endsWith(end))!]!;

describe("forward", () => {
  test("lstm is the operator lstm with the same weights", () => {
    const graph = traced(lstm(UNITS, { name: "l", returnSequences: true }));
    const params = draw(graph);
    const got = interpret(graph, { x, ...params }).outputs["y"]!;
    const leaf = (name: string, shape: readonly number[]): Tensor => inputLeaf(name, { dtype: "f32", shape });
    const [y] = lstmOp(
      leaf("x", [1, STEPS, CHANNELS]),
      leaf("w", [4, UNITS, CHANNELS]),
      leaf("r", [4, UNITS, UNITS]),
      leaf("bias", [4, UNITS]),
      leaf("h", [1, UNITS]),
      leaf("c", [1, UNITS]),
      {},
    );
    const zeros = new Float64Array(UNITS);
    const want = interpret(createGraph({ inputs: [], outputs: [{ name: "y", tensor: y }] }), {
      x,
      w: named(params, "weights"),
      r: named(params, "recurrent"),
      bias: named(params, "bias"),
      h: zeros,
      c: zeros,
    }).outputs["y"]!;
    expect(got.shape).toEqual([1, STEPS, UNITS]);
    got.data.forEach((v, i) => expect(v).toBeCloseTo(want.data[i]!, 12));
  });

  test("gru is the reset-after form", () => {
    const graph = traced(gru(UNITS, { name: "g" }));
    const params = draw(graph);
    const got = interpret(graph, { x, ...params }).outputs["y"]!;
    const logistic = (v: number): number => 1 / (1 + Math.exp(-v));
    const row = (w: Float64Array, u: number, v: ArrayLike<number>): number =>
      Array.from(v).reduce((sum, value, i) => sum + w[u * v.length + i]! * value, 0);
    let h = new Float64Array(UNITS);
    for (let t = 0; t < STEPS; t++) {
      const now = x.subarray(t * CHANNELS, (t + 1) * CHANNELS);
      const gate = (u: number): number =>
        logistic(
          row(named(params, "gates/weights"), u, now) +
            named(params, "gates/bias")[u]! +
            row(named(params, "gates/recurrent"), u, h),
        );
      h = Float64Array.from(h, (old, u) => {
        const n = Math.tanh(
          row(named(params, "candidate/weights"), u, now) +
            named(params, "candidate/bias")[u]! +
            gate(UNITS + u) *
              (row(named(params, "candidate/recurrent"), u, h) + named(params, "candidate/recurrentBias")[u]!),
        );
        return gate(u) * old + (1 - gate(u)) * n;
      });
    }
    expect(got.shape).toEqual([1, UNITS]);
    got.data.forEach((v, i) => expect(v).toBeCloseTo(h[i]!, 12));
  });

  test("an input without time is refused", () => {
    expect(() => gru(2, { name: "g" })(inputLeaf("x", { dtype: "f32", shape: [1, 3] }))).toThrow(
      'gru "g": [1,3], expected [batch, time, channels]',
    );
  });
});

describe.each([
  ["lstm", lstm],
  ["gru", gru],
] as const)("%s", (_name, layer) => {
  test("gradients agree with central differences", () => {
    const graph = traced(layer(UNITS));
    const params = draw(graph);
    const y = graph.outputs[0]!.tensor;
    const loss = mean(mul(y, y));
    const tensors = graph.nodes.filter((n) => n.op === "param").map((n) => new Tensor(n));
    const lossOf = (given: Record<string, Float64Array>): number =>
      interpret(createGraph({ inputs: [], outputs: [{ name: "loss", tensor: loss }] }), { x, ...given }).outputs[
        "loss"
      ]!.data[0]!;
    gradients(loss, tensors).forEach((gradient, p) => {
      const { name } = tensors[p]!.node;
      const got = interpret(createGraph({ inputs: [], outputs: [{ name: "g", tensor: gradient! }] }), { x, ...params })
        .outputs["g"]!.data;
      for (let i = 0; i < got.length; i += 7) {
        const shifted = (by: number): Record<string, Float64Array> => ({
          ...params,
          [name]: params[name]!.map((v, j) => (j === i ? v + by : v)),
        });
        const numeric = (lossOf(shifted(1e-5)) - lossOf(shifted(-1e-5))) / 2e-5;
        // h^2 truncation and 1e-16 / h cancellation.
        expect(Math.abs(got[i]! - numeric), `${name}[${i}]`).toBeLessThan(1e-8);
      }
    });
  });

  test("the int8 form stays near the f64 reference", async () => {
    const graph = traced(layer(UNITS, { returnSequences: true }));
    const params = draw(graph);
    const trained = fillParams(graph, params);
    const samples = Array.from({ length: 32 }, () => ({ x: Float32Array.from(values(STEPS * CHANNELS)) }));
    const int8 = await quantizeModel({ name: "recurrent", graph: trained }, { calibrate: samples });
    const module = await loadModule((await compilePortable(int8.graph, { name: "recurrent" }, "scalar")).wasm);
    const { scale, zeroPoint } = int8.graph.outputs[0]!.tensor.type.quant!;
    for (const sample of samples.slice(0, 8)) {
      const want = interpret(trained, sample).outputs["y"]!.data;
      const codes = module.predict(sample)["y"]!;
      // Outputs lie in (-1, 1); a dozen int8 operators a step, four steps.
      want.forEach((v, i) =>
        expect(Math.abs(scale[0]! * ((codes[i] as number) - zeroPoint[0]!) - v)).toBeLessThan(0.12),
      );
    }
  });
});
