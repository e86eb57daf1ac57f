import { expect, test } from "vitest";
import { Node, type Quant, Tensor } from "../kernels/op.ts";
import { averagePool2d, conv2d, depthwiseConv2d, maxPool2d } from "../kernels/ops.ts";
import { compileModel } from "../sdk/compile/compile.ts";
import { patchesOf, patchLeading } from "../sdk/compile/passes/patch.ts";
import { planGraph } from "../sdk/compile/plan.ts";
import { compilePortable } from "../sdk/compile/portable.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { constant, inputLeaf } from "../sdk/graph/leaves.ts";
import { verifyGraph } from "../sdk/graph/verify.ts";
import { loadModule } from "../sdk/runtime/module.ts";
import { targetNamed } from "../targets/index.ts";

const ACTIVATIONS: Quant = { scale: [0.125], zeroPoint: [-3] };
let seed = 1;
/** Marsaglia's xorshift32. */
function random(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}
const weights = (shape: readonly number[], axis: number): Tensor => {
  const scale = Array.from({ length: shape[axis]! }, () => Math.fround(0.02));
  const data = Int8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random);
  return constant(data, shape, { quant: { scale, zeroPoint: scale.map(() => 0), axis } });
};
const quantized = ({ node }: Tensor): Tensor =>
  new Tensor(new Node({ ...node, types: node.types.map((t) => ({ ...t, quant: ACTIVATIONS })) }));

/** A network whose first activations are its largest: strides, dilation, pools, asymmetric padding. */
function network(): Graph {
  const x = inputLeaf("x", { dtype: "i8", shape: [1, 33, 24, 4], quant: ACTIVATIONS });
  let t = quantized(
    conv2d(x, weights([16, 3, 3, 4], 0), undefined, {
      strides: [1, 1],
      padding: "same",
      name: "stem",
      activation: "relu",
    }),
  );
  t = quantized(
    depthwiseConv2d(t, weights([1, 3, 3, 16], 3), undefined, { padding: "same", dilations: [2, 1], name: "dw" }),
  );
  t = quantized(maxPool2d(t, { size: [2, 2], strides: [2, 2], padding: "same", name: "max" }));
  t = quantized(conv2d(t, weights([8, 4, 3, 16], 0), undefined, { padding: [2, 1, 0, 1], name: "asymmetric" }));
  t = quantized(averagePool2d(t, { size: [3, 3], strides: [2, 2], padding: "same", name: "mean" }));
  return createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: t }] });
}

const graph = network();
const input = Int8Array.from({ length: 33 * 24 * 4 }, random);
const run = async (g: Graph): Promise<Int8Array> => {
  const model = await loadModule((await compilePortable(g, { name: "net" })).wasm);
  return model.infer({ x: input })["y"] as Int8Array;
};

test("every choice of layers and rows gives the bytes of the plain graph", async () => {
  const plain = await run(graph);
  expect(new Set(plain).size).toBeGreaterThan(20);
  for (const patch of [
    { layers: 2, rows: 1 },
    { layers: 3, rows: 4 },
    { layers: 4, rows: 5 },
    { layers: 5, rows: 2 },
    { layers: 5, rows: 9 },
  ]) {
    const patched = patchLeading(graph, patch);
    verifyGraph(patched, "patch");
    expect(await run(patched), JSON.stringify(patch)).toEqual(plain);
  }
});

test("patches lower the peak, and slices and the concatenation stay views", () => {
  const bytes = (g: Graph): number => planGraph(g, { family: "scalar" }).plan.arenaBytes;
  const [best] = patchesOf(graph);
  const patched = patchLeading(graph, best!);
  expect(bytes(patched)).toBeLessThan(bytes(graph) / 2);
  const ops = new Set(planGraph(patched, { family: "scalar" }).plan.steps.map((s) => s.op));
  expect(ops).not.toContain("slice");
  expect(ops).not.toContain("concat");
});

test("a RAM budget that the plain plan misses is met by patches, and the report says so", async () => {
  const model = { name: "net", graph };
  const plain = await compileModel(model);
  expect(plain.report.patch).toBeNull();
  const budget = plain.report.ram.arena - 4096;
  const { report } = await compileModel(model, { ram: budget });
  expect(report.ram.arena).toBeLessThanOrEqual(budget);
  expect(report.patch?.layers).toBeGreaterThan(1);
  await expect(compileModel(model, { ram: 1024 })).rejects.toMatchObject({ code: "budget" });
});

test("room for the stack is left once it is known: patches come where arena and stack together are too much", async ({
  skip,
}) => {
  const model = { name: "net", graph };
  const target = targetNamed("host");
  const plain = await compileModel(model, { target, measure: false });
  const { arena, stack } = plain.report.ram;
  if (stack === null) return skip("no C compiler: the stack is not measured");
  const { report } = await compileModel(model, { target, measure: false, ram: arena + stack - 1 });
  expect(report.patch).not.toBeNull();
  expect(report.ram.arena + report.ram.stack!).toBeLessThan(arena + stack);
});
