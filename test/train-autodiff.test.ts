/** Autodiff and the forms: whole networks against finite differences of the f64 interpreter. */
import { describe, expect, test } from "vitest";
import { add } from "../kernels/add/add.ts";
import { mean } from "../kernels/mean/mean.ts";
import { mul } from "../kernels/mul/mul.ts";
import { elements, Tensor } from "../kernels/op.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { interpret } from "../sdk/graph/interpret.ts";
import { inputLeaf, param } from "../sdk/graph/leaves.ts";
import {
  averagePool2d,
  batchNorm,
  conv1d,
  conv2d,
  crossEntropy,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  jitter,
  meanOverTime,
  meanSquaredError,
  relu,
  sequential,
} from "../sdk/nn/index.ts";
import { input, model } from "../sdk/nn/model.ts";
import { gradients } from "../sdk/train/autodiff.ts";
import { inferenceForm, trainingForm } from "../sdk/train/forms.ts";
import { initialValue } from "../sdk/train/initial.ts";
import { keyOf, permutation, uniforms } from "../sdk/train/random.ts";

const BATCH = 3;

/** Loss and every parameter's gradient, beside central differences at a few elements. */
function checkGradients(loss: Tensor, feeds: Record<string, ArrayLike<number>>): void {
  const params = createGraph({ inputs: [], outputs: [{ name: "loss", tensor: loss }] })
    .nodes.filter((n) => n.op === "param")
    .map((n) => new Tensor(n));
  const values: Record<string, ArrayLike<number>> = { ...feeds };
  for (const { node } of params) values[node.name] = Float64Array.from(initialValue(node, 7), (v) => v + 0.05);
  const graph = createGraph({
    inputs: [],
    outputs: [
      { name: "loss", tensor: loss },
      ...gradients(loss, params).map((g, i) => ({ name: params[i]!.node.name, tensor: g! })),
    ],
  });
  const lossOf = (given: Record<string, ArrayLike<number>>): number =>
    interpret(createGraph({ inputs: [], outputs: [{ name: "loss", tensor: loss }] }), given).outputs["loss"]!.data[0]!;
  const { outputs } = interpret(graph, values);
  for (const { node } of params) {
    const grad = outputs[node.name]!.data;
    expect(grad.length).toBe(elements(node.types[0]!.shape));
    for (let i = 0; i < grad.length; i += Math.max(1, grad.length >> 2)) {
      const shifted = (by: number): Record<string, ArrayLike<number>> => ({
        ...values,
        [node.name]: Float64Array.from(values[node.name]!, (v, j) => (j === i ? v + by : v)),
      });
      const numeric = (lossOf(shifted(1e-5)) - lossOf(shifted(-1e-5))) / 2e-5;
      // Central differences of step 1e-5 in f64: truncation 1e-10, rounding 1e-16 / 1e-5.
      expect(Math.abs(grad[i]! - numeric), `${node.name}[${i}]: ${grad[i]} beside ${numeric}`).toBeLessThan(
        1e-7 + 1e-5 * Math.abs(numeric),
      );
    }
  }
}

const randoms = (length: number, seed: number): Float64Array => {
  const next = uniforms(keyOf(seed, "test"));
  return Float64Array.from({ length }, () => next() * 2 - 1);
};

function trainingOutputs(
  graph: Graph,
  n: number,
): { graph: Graph; label: Tensor; feeds: Record<string, ArrayLike<number>> } {
  const sampleIds = inputLeaf("$sampleIds", { dtype: "i32", shape: [n] });
  const step = inputLeaf("$step", { dtype: "i32", shape: [1] });
  const formed = trainingForm(graph, { sampleIds, step, seed: 5 });
  return {
    graph: formed,
    label: inputLeaf("$label", { dtype: "i32", shape: [n] }),
    feeds: {
      $sampleIds: Int32Array.from({ length: n }, (_, i) => i + 11),
      $step: [4],
      $label: Int32Array.from({ length: n }, (_, i) => i % 3),
    },
  };
}

describe("gradients", () => {
  test("a tensor read twice gets the sum of its readers' gradients", () => {
    const w = param("w", [4]);
    const x = inputLeaf("x", { dtype: "f32", shape: [4] });
    checkGradients(mean(add(mul(w, w), mul(w, x))), { x: [1, -2, 3, 0.5] });
  });

  test("a multilayer perceptron with dropout, cross-entropy and smoothing", async () => {
    const { batched } = await import("../sdk/graph/batched.ts");
    const net = sequential([dense(5), relu, dropout(0.3), dense(3, { name: "head" })]);
    const traced = model({ x: input("f32", [4]) }, ({ x }) => ({ logits: net(x) }));
    const { graph, label, feeds } = trainingOutputs(batched(traced.graph, BATCH), BATCH);
    checkGradients(crossEntropy(graph.outputs[0]!.tensor, label, { smoothing: 0.1 }), {
      ...feeds,
      x: randoms(BATCH * 4, 1),
    });
  });

  test("a convolutional network with shared layers", async () => {
    const { batched } = await import("../sdk/graph/batched.ts");
    const shared = conv1d({ filters: 4, kernel: 3 });
    const net = sequential([
      conv1d({ filters: 4, kernel: 5, stride: 2 }),
      relu,
      shared,
      shared,
      meanOverTime,
      dense(3),
    ]);
    const traced = model({ x: input("f32", [12, 2]) }, ({ x }) => ({ logits: net(x) }));
    const { graph, label, feeds } = trainingOutputs(batched(traced.graph, BATCH), BATCH);
    checkGradients(crossEntropy(graph.outputs[0]!.tensor, label), { ...feeds, x: randoms(BATCH * 24, 2) });
  });

  test("batch norm, depthwise convolution and pooling", async () => {
    const { batched } = await import("../sdk/graph/batched.ts");
    const net = sequential([
      conv2d({ filters: 3, kernel: 3 }),
      batchNorm(),
      depthwiseConv2d({ kernel: 3, stride: 2, multiplier: 2 }),
      batchNorm(),
      averagePool2d({ size: 2 }),
      flatten,
      dense(3),
    ]);
    const traced = model({ x: input("f32", [8, 8, 1]) }, ({ x }) => ({ logits: net(x) }));
    const { graph, label, feeds } = trainingOutputs(batched(traced.graph, BATCH), BATCH);
    expect(graph.updates.map((u) => u.target.node.name)).toEqual([
      "batchNorm/mean",
      "batchNorm/variance",
      "batchNorm_2/mean",
      "batchNorm_2/variance",
    ]);
    checkGradients(crossEntropy(graph.outputs[0]!.tensor, label), { ...feeds, x: randoms(BATCH * 64, 4) });
  });

  test("an autoencoder with mean squared error", () => {
    const net = sequential([dense(2), relu, dense(4)]);
    const traced = model({ x: input("f32", [4]) }, ({ x }) => ({ y: net(x) }));
    checkGradients(meanSquaredError(traced.graph.outputs[0]!.tensor, traced.graph.inputs[0]!.tensor), {
      x: randoms(4, 3),
    });
  });

  test("of a tensor that is no scalar throws", () => {
    const w = param("w", [4]);
    expect(() => gradients(mul(w, w), [w])).toThrow("gradient: of a tensor of shape [4], expected one value");
  });

  test("a leaf that the loss does not depend on has none", () => {
    const [w, other] = [param("w", [2]), param("other", [2])];
    expect(gradients(mean(w), [other])).toEqual([undefined]);
  });
});

describe("forms", () => {
  const net = sequential([flatten, dense(3), dropout(0.5, { name: "drop" })]);
  const traced = model({ x: input("f32", [2, 2]) }, ({ x }) => ({ y: net(jitter(x, 0.1)) }));

  test("inference drops what is random", () => {
    expect(
      inferenceForm(traced.graph)
        .nodes.map((n) => n.op)
        .filter((op) => op === "dropout" || op === "jitter"),
    ).toEqual([]);
  });

  test("training keys random operators by their names", () => {
    const streams = (seed: number): unknown[] =>
      trainingForm(traced.graph, {
        sampleIds: inputLeaf("i", { dtype: "i32", shape: [1] }),
        step: inputLeaf("s", { dtype: "i32", shape: [1] }),
        seed,
      })
        .nodes.filter((n) => "stream" in n.attrs)
        .map((n) => [n.name, n.attrs["seed"], n.attrs["stream"]]);
    expect(streams(1)).toHaveLength(2);
    expect(new Set(streams(1).map((s) => JSON.stringify(s))).size).toBe(2);
    expect(streams(1)).toEqual(streams(1));
    expect(streams(2)).not.toEqual(streams(1));
  });

  test("names are given by layers, paths and users", () => {
    const leaves = traced.graph.nodes.filter((n) => n.op === "param").map((n) => n.name);
    expect(leaves).toEqual(["dense/weights", "dense/bias"]);
    const twice = sequential([dense(2), dense(2), dense(2, { name: "head" })]);
    const graph = model({ x: input("f32", [3]) }, ({ x }) => ({ y: twice(x) })).graph;
    expect(graph.nodes.filter((n) => n.op === "param").map((n) => n.name)).toEqual([
      "dense/weights",
      "dense/bias",
      "dense_2/weights",
      "dense_2/bias",
      "head/weights",
      "head/bias",
    ]);
  });

  test("a name used twice throws", () => {
    const layers = sequential([dense(2, { name: "a" }), dense(2, { name: "a" })]);
    expect(() => model({ x: input("f32", [3]) }, ({ x }) => ({ y: layers(x) }))).toThrow("two nodes are named");
  });
});

describe("random streams", () => {
  test("a permutation has every index once, depends on its key only", () => {
    const p = permutation(1000, keyOf(3, "shuffle"), 5);
    expect([...p].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(permutation(1000, keyOf(3, "shuffle"), 5)).toEqual(p);
    expect(permutation(1000, keyOf(3, "shuffle"), 6)).not.toEqual(p);
  });
});
