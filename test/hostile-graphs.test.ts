/**
 * Graphs that converters and users do make and that no example has: indices outside their axis, empty axes. Either the
 * module is verified whatever its inputs hold, or the compiler refuses it and says why.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { dense } from "../kernels/dense/dense.ts";
import type { DType, Tensor } from "../kernels/op.ts";
import * as ops from "../kernels/ops.ts";
import { compilePortable, type PortableModule } from "../sdk/compile/portable.ts";
import { verifyModule } from "../sdk/compile/wasm/verify.ts";
import { importTflite } from "../sdk/formats/tflite/import.ts";
import { createGraph, type Graph } from "../sdk/graph/graph.ts";
import { inputLeaf } from "../sdk/graph/leaves.ts";
import { loadModule } from "../sdk/runtime/module.ts";

const input = (name: string, shape: readonly number[], dtype: DType = "f32"): Tensor =>
  inputLeaf(name, { dtype, shape });

const graphOf = (inputs: readonly Tensor[], outputs: readonly Tensor[]): Graph =>
  createGraph({
    inputs: inputs.map((tensor) => ({ name: tensor.node.name, tensor })),
    outputs: outputs.map((tensor, i) => ({ name: `y${i}`, tensor })),
    updates: [],
  });

function findings({ wasm, manifest }: PortableModule): readonly string[] {
  const { arena, state, weights } = manifest.memory;
  const region = ({ base, bytes }: { base: number; bytes: number }) => ({ address: base, bytes });
  const { checks } = verifyModule(wasm, { arena: region(arena), state: region(state), weights: region(weights) });
  return checks.filter((c) => !c.ok).map((c) => c.found);
}

test("indices outside their axis are clamped, and no index is outside memory", async () => {
  const [x, flat, tuples] = [input("x", [5, 2]), input("flat", [4], "i32"), input("tuples", [2, 2], "i32")];
  const module = await compilePortable(
    graphOf([x, flat, tuples], [ops.gather(x, flat), ops.gatherNd(x, tuples), ops.argMax(x, { axis: 1 })]),
    { name: "m" },
  );
  expect(findings(module)).toEqual([]);
  const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
  const { y0, y1, y2 } = (await loadModule(module.wasm)).infer({
    x: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, Number.NaN, 9),
    flat: Int32Array.of(least, most, -1, 3),
    tuples: Int32Array.of(most, least, 1, most),
  });
  expect([...y0!]).toEqual([0, 1, Number.NaN, 9, 0, 1, 6, 7]);
  expect([...y1!]).toEqual([Number.NaN, 3]);
  expect([...y2!]).toEqual([1, 1, 1, 1, 1]);
});

test("an empty axis that nothing is taken from computes nothing", async () => {
  const [x, y, none] = [input("x", [2, 0]), input("y", [2, 3]), input("none", [0], "i32")];
  const module = await compilePortable(
    graphOf([x, y, none], [ops.concat(x, y, { axis: 1 }), ops.gather(y, none), ops.add(x, x)]),
    { name: "m" },
  );
  expect(findings(module)).toEqual([]);
  const { y0, y1, y2 } = (await loadModule(module.wasm)).infer({
    x: new Float32Array(0),
    y: Float32Array.of(1, 2, 3, 4, 5, 6),
    none: new Int32Array(0),
  });
  expect([[...y0!], y1!.length, y2!.length]).toEqual([[1, 2, 3, 4, 5, 6], 0, 0]);
});

const empty = input("x", [2, 0]);
const indices = input("i", [3, 1], "i32");
const image = input("x", [1, 0, 4, 1]);

test.each<[name: string, inputs: readonly Tensor[], make: () => Tensor, message: RegExp]>([
  ["gather", [empty, indices], () => ops.gather(empty, indices, { axis: 1 }), /gather: axis 1 of \[2,0\] is empty/],
  [
    "gatherNd",
    [image, indices],
    () => ops.gatherNd(ops.reshape(image, { shape: [0, 4] }), indices),
    /\[0,4\] is empty/,
  ],
  ["argMax", [empty], () => ops.argMax(empty), /argMax: axis -1 of \[2,0\] is empty/],
  ["resize", [image], () => ops.resizeBilinear(image, { size: [2, 2] }), /\[1,0,4,1\] has no pixels/],
  ["softmax", [empty], () => ops.softmax(empty), /softmax ".*": f32\[2,0\] to f32\[2,0\], expected dimensions of at/],
  [
    "reduceMax",
    [empty],
    () => ops.reduceMax(empty, { axes: [1] }),
    /reduceMax ".*": .*expected dimensions of at least/,
  ],
  ["l2Normalization", [empty], () => ops.l2Normalization(empty), /l2Normalization ".*": .*expected dimensions of at/],
  ["dense", [empty], () => dense(empty, ops.reshape(empty, { shape: [4, 0] })), /dense ".*": .*expected dimensions of/],
])("%s of nothing is refused", async (_, inputs, make, message) => {
  await expect(async () => compilePortable(graphOf(inputs, [make()]), { name: "m" })).rejects.toThrow(message);
});

const GOLDENS = fileURLToPath(new URL("./goldens-ops/", import.meta.url));

// Operators whose tables are indexed by data, and those that keep state.
test.each([
  "logistic_i16_pot12",
  "tanh_i16_pot12",
  "softmax_i16_big",
  "unidirectional_sequence_lstm_i8_a",
  "svdf_i8_r1",
])("the module of %s is verified", async (name) => {
  const { graph } = importTflite(readFileSync(`${GOLDENS}${name}/${name}.tflite`), name);
  expect(findings(await compilePortable(graph, { name: "m" }))).toEqual([]);
});
