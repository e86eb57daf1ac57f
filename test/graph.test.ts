import { expect, test } from "vitest";
import { dense } from "../kernels/dense/dense.ts";
import { Node, Tensor } from "../kernels/op.ts";
import { createGraph } from "../sdk/graph/graph.ts";
import { evaluate } from "../sdk/graph/interpret.ts";
import { constant, inputLeaf, param } from "../sdk/graph/leaves.ts";
import { printGraph } from "../sdk/graph/print.ts";
import { verifyGraph } from "../sdk/graph/verify.ts";

const x = inputLeaf("x", { dtype: "f32", shape: [1, 2] });
const w = constant(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2], { name: "w" });

test("a tensor is an expression: evaluate computes it in f64", async () => {
  const y = dense(x, w, undefined, { activation: "relu" });
  expect((await evaluate(y, { x: [1, -1] })).data).toEqual(Float64Array.of(0, 0, 0));
  expect((await evaluate(y, { x: [1, 1] })).data).toEqual(Float64Array.of(3, 7, 11));
});

test("a tensor in arithmetic throws and says what to write", () => {
  expect(() => Number(x) + 1).toThrow("tensor f32[1,2]: used as a JavaScript value, expected an operator call");
});

test("misuse names the operator and both shapes", () => {
  expect(() => dense(x, constant(new Float32Array(9), [3, 3]))).toThrow(
    "dense: weights are [3,3], expected 2 inputs to match [1,2]",
  );
  expect(() => dense(x, w, undefined, Object.fromEntries([["activatoin", "relu"]]))).toThrow(
    'dense: attribute "activatoin", expected one of activation',
  );
});

test("a missing value is named", async () => {
  await expect(evaluate(dense(x, w), {})).rejects.toThrow('evaluate: input "x" has no value, expected one for [1,2]');
});

test("the printed form is stable", () => {
  const y = dense(x, w, param("b", [3]), { activation: "relu6", name: "head" });
  const graph = createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y }] });
  verifyGraph(graph);
  expect(printGraph(graph)).toBe(`%0 = input() : f32[1,2]  # x
%1 = const() : f32[3,2]  # w
%2 = param(init=zeros) : f32[3]  # b
%3 = dense(%0, %1, %2, activation=relu6) : f32[1,3]  # head
output y = %3
`);
});

test("the verifier finds a type that its operator does not infer", () => {
  const node = new Node({
    op: "dense",
    inputs: [x, w],
    attrs: { activation: "none" },
    types: [{ dtype: "f32", shape: [1, 4] }],
    name: "bad",
  });
  const graph = createGraph({ inputs: [], outputs: [{ name: "y", tensor: new Tensor(node) }] });
  expect(() => verifyGraph(graph)).toThrow('dense "bad": types are f32[1,4], expected f32[1,3]');
});

test("a deep graph does not overflow the stack", () => {
  const square = constant(Float32Array.of(1), [1, 1]);
  let y = inputLeaf("x", { dtype: "f32", shape: [1, 1] });
  for (let i = 0; i < 20000; i++) y = dense(y, square);
  expect(createGraph({ inputs: [], outputs: [{ name: "y", tensor: y }] }).nodes.length).toBe(20002);
});

test("a node that its own operator refuses is a graph error that names it", () => {
  const x = inputLeaf("x", { dtype: "f32", shape: [] });
  const node = new Node({
    op: "reshape",
    inputs: [x],
    attrs: { shape: [0.25, 4] },
    types: [{ dtype: "f32", shape: [0.25, 4] }],
    name: "flat",
  });
  const graph = createGraph({
    inputs: [{ name: "x", tensor: x }],
    outputs: [{ name: "y", tensor: new Tensor(node) }],
  });
  expect(() => verifyGraph(graph)).toThrow(/reshape "flat": reshape: \[0\.25,4\], expected 1 values/);
});
