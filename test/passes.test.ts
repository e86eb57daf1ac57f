import { describe, expect, test } from "vitest";
import { Node, type Quant, Tensor } from "../kernels/op.ts";
import { averagePool2d, conv2d, dequantize, pad, quantize, relu, reshape, slice, softmax } from "../kernels/ops.ts";
import { compileModel } from "../sdk/compile/compile.ts";
import { fuseActivation } from "../sdk/compile/passes/fuse-activation.ts";
import { fusePad } from "../sdk/compile/passes/fuse-pad.ts";
import { simplify } from "../sdk/compile/passes/simplify.ts";
import { sinkReshape } from "../sdk/compile/passes/sink-reshape.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { interpret } from "../sdk/graph/interpret.ts";
import { constant, inputLeaf } from "../sdk/graph/leaves.ts";
import { isLeaf } from "../sdk/graph/registry.ts";
import { loadModule } from "../sdk/runtime/module.ts";

const opsOf = (g: Graph): readonly string[] => g.nodes.filter((n) => !isLeaf(n)).map((n) => n.op);
const graphOf = (x: Tensor, y: Tensor): Graph =>
  createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y }] });
const withQuant = ({ node }: Tensor, quant: Quant): Tensor =>
  new Tensor(new Node({ ...node, types: node.types.map((t) => ({ ...t, quant })) }));
const [A, B]: readonly Quant[] = [
  { scale: [0.5], zeroPoint: [3] },
  { scale: [0.25], zeroPoint: [3] },
];
const codes = (shape: readonly number[], quant = A): Tensor => inputLeaf("x", { dtype: "i8", shape, quant: quant! });

describe("fuse-pad", () => {
  const x = inputLeaf("x", { dtype: "f32", shape: [1, 5, 6, 2] });
  const w = constant(
    Float32Array.from({ length: 3 * 9 * 2 }, (_, i) => i % 7),
    [3, 3, 3, 2],
  );
  const values = Float32Array.from({ length: 60 }, (_, i) => (i * 5) % 11);

  const outputOf = (g: Graph) => interpret(g, { x: values }).outputs["y"];

  test.each([
    ["valid", {}],
    ["same", { padding: "same", strides: [2, 1] }],
    ["explicit", { padding: [1, 0, 0, 2], dilations: [2, 1] }],
  ] as const)("a border of zeros becomes the padding of a %s convolution", (_, attrs) => {
    const graph = graphOf(x, conv2d(pad(x, { paddings: [0, 0, 1, 2, 3, 0, 0, 0] }), w, undefined, attrs));
    const fused = fusePad(graph);
    expect(opsOf(fused)).toEqual(["conv2d"]);
    expect(outputOf(fused)).toEqual(outputOf(graph));
  });

  test("other values, other dimensions and pools keep their pad", () => {
    for (const y of [
      conv2d(pad(x, { paddings: [0, 0, 1, 1, 1, 1, 0, 0], value: 1 }), w),
      averagePool2d(pad(x, { paddings: [0, 0, 1, 1, 1, 1, 0, 0] })),
      conv2d(pad(slice(x, { begin: [0, 0, 0, 0], size: [-1, -1, -1, 1] }), { paddings: [0, 0, 0, 0, 0, 0, 1, 0] }), w),
    ])
      expect(opsOf(fusePad(graphOf(x, y)))).toContain("pad");
  });
});

describe("simplify", () => {
  test("a quantize that undoes a dequantize at the same scale goes, at another it stays", () => {
    const x = codes([4]);
    const back = (quant: Quant): Graph =>
      graphOf(
        x,
        relu(withQuant(quantize(dequantize(x), { scale: quant.scale[0]!, zeroPoint: quant.zeroPoint[0]! }), quant)),
      );
    expect(opsOf(simplify(back(A!)))).toEqual(["relu"]);
    expect(opsOf(simplify(back(B!)))).toEqual(["dequantize", "quantize", "relu"]);
  });

  test("windows of one pixel, whole slices and reshapes to the same shape go, but not as an output", () => {
    const x = inputLeaf("x", { dtype: "f32", shape: [1, 2, 2, 3] });
    const pool = averagePool2d(x, { size: [1, 1], strides: [1, 1] });
    const whole = slice(pool, { begin: [0, 0, 0, 0], size: [-1, -1, -1, -1] });
    expect(opsOf(simplify(graphOf(x, relu(reshape(whole, { shape: [1, 2, 2, 3] })))))).toEqual(["relu"]);
    expect(opsOf(simplify(graphOf(x, pool)))).toEqual(["averagePool2d"]);
  });
});

describe("scales stop what would round differently", () => {
  const x = codes([1, 4, 4, 2]);
  const w = constant(new Int8Array(8), [4, 1, 1, 2], {
    quant: { scale: [1, 1, 1, 1], zeroPoint: [0, 0, 0, 0], axis: 0 },
  });
  const conv = withQuant(conv2d(x, w), A!);

  test("an activation is fused at one scale only", () => {
    expect(opsOf(fuseActivation(graphOf(x, withQuant(relu(conv), A!))))).toEqual(["conv2d"]);
    expect(opsOf(fuseActivation(graphOf(x, withQuant(relu(conv), B!))))).toEqual(["conv2d", "relu"]);
  });

  test("a reshape that gives its codes another scale stays where it is", () => {
    const moved = withQuant(reshape(x, { shape: [1, 32] }), B!);
    expect(opsOf(sinkReshape(graphOf(x, withQuant(relu(moved), B!))))).toEqual(["reshape", "relu"]);
    const kept = withQuant(reshape(x, { shape: [1, 32] }), A!);
    expect(opsOf(sinkReshape(graphOf(x, withQuant(relu(kept), A!))))).toEqual(["relu", "reshape"]);
  });
});

describe("class-only", () => {
  test("a softmax output becomes the class of the largest logit, and the report says so", async () => {
    const x = codes([1, 5]);
    const scores = withQuant(softmax(x), { scale: [1 / 256], zeroPoint: [-128] });
    const { report, wasm } = await compileModel({ name: "net", graph: graphOf(x, scores) }, { classOnly: true });
    expect(report.layers.map((l) => l.op)).toEqual(["argMax"]);
    expect(report.notes.join()).toMatch(/softmax .* dropped/);
    const model = await loadModule(wasm);
    expect(model.infer({ x: Int8Array.of(-7, 3, 90, 89, 90) })["y"]).toEqual(Int32Array.of(2));
  });

  test("a model without a softmax output is refused", async () => {
    const x = codes([1, 5]);
    await expect(
      compileModel({ name: "net", graph: graphOf(x, withQuant(relu(x), A!)) }, { classOnly: true }),
    ).rejects.toThrow(/no output of net is a softmax/);
  });
});
