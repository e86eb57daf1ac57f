import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dense } from "../kernels/dense/dense.ts";
import { PithError } from "../sdk/error.ts";
import { decodeModel, encodeModel, loadModel, saveModel } from "../sdk/formats/pith.ts";
import { createGraph } from "../sdk/graph/graph.ts";
import { constant, inputLeaf, state } from "../sdk/graph/leaves.ts";
import { printGraph } from "../sdk/graph/print.ts";
import type { Model } from "../sdk/model.ts";

const x = inputLeaf("x", { dtype: "i8", shape: [1, 2], quant: { scale: [0.5, 0.25], zeroPoint: [3, -4], axis: 1 } });
const y = dense(
  inputLeaf("z", { dtype: "f32", shape: [1, 2] }, { unit: "g" }),
  constant(Float32Array.of(1, 2, 3, 4), [2, 2]),
  undefined,
  { name: "head" },
);
const counts = state("seen", [1, 2]);
const model: Model = {
  name: "sample",
  labels: ["a", "b"],
  run: "r1",
  provenance: { window: 200 },
  graph: createGraph({
    inputs: [
      { name: "x", tensor: x },
      { name: "z", tensor: y.node.inputs[0]! },
    ],
    outputs: [{ name: "y", tensor: y }],
    updates: [{ target: counts, value: y }],
  }),
};

test("a model survives the file, bytes equal on the second trip", () => {
  const bytes = encodeModel(model);
  const { model: read } = decodeModel(bytes, "sample.pith");
  expect(printGraph(read.graph)).toBe(printGraph(model.graph));
  expect(read.labels).toEqual(["a", "b"]);
  expect(read.graph.inputs[0]!.tensor.type.quant).toEqual({ scale: [0.5, 0.25], zeroPoint: [3, -4], axis: 1 });
  expect(encodeModel(read)).toEqual(bytes);
});

test("saving is atomic and loading names what is wrong", () => {
  const dir = mkdtempSync(join(tmpdir(), "pith-"));
  saveModel(join(dir, "m.pith"), model);
  expect(encodeModel(loadModel(join(dir, "m.pith")))).toEqual(new Uint8Array(readFileSync(join(dir, "m.pith"))));
  writeFileSync(join(dir, "text.pith"), "hello, this is not a model");
  expect(() => loadModel(join(dir, "text.pith"))).toThrow("expected a .pith model (safetensors)");
  expect(() => loadModel(join(dir, "none.pith"))).toThrow("ENOENT, expected a .pith model (check the path)");
});

test("a hostile file is a typed error, never a crash: truncations and byte flips", () => {
  const bytes = encodeModel(model);
  const attempt = (mutated: Uint8Array): void => {
    try {
      decodeModel(mutated, "hostile.pith");
    } catch (error) {
      if (!(error instanceof PithError)) throw error;
      expect(error.code).toBe("file-format");
    }
  };
  for (let length = 0; length < bytes.length; length += 7) attempt(bytes.slice(0, length));
  for (let i = 0; i < bytes.length; i++) {
    const mutated = bytes.slice();
    mutated[i]! ^= 1 << (i % 8);
    attempt(mutated);
  }
});
