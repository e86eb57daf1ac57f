/** The TensorFlow Lite importer on files made for the purpose: what it makes of them, and what it refuses. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fuzz } from "../bench/fuzz/cases.ts";
import { readIndex } from "../bench/goldens/sets.ts";
import type { TypedArray } from "../kernels/op.ts";
import { runPasses } from "../sdk/compile/passes/pipeline.ts";
import { planGraph } from "../sdk/compile/plan.ts";
import { PithError } from "../sdk/error.ts";
import { decodeModel, encodeModel } from "../sdk/formats/pith.ts";
import { importTflite } from "../sdk/formats/tflite/import.ts";
import { BUILTIN_OPERATORS } from "../sdk/formats/tflite/schema.ts";
import { isLeaf } from "../sdk/graph/registry.ts";
import type { Model } from "../sdk/model.ts";
import { compileKernels, PlanRun } from "./support/plan-runner.ts";
import {
  byte,
  flatBuffer,
  floats,
  int,
  ints,
  longs,
  type TestGraph,
  type TestOperator,
  type TestTensor,
  table,
  tables,
  text,
  tfliteFile,
  ulong,
} from "./support/tflite-writer.ts";

const code = (name: string): number => BUILTIN_OPERATORS.indexOf(name);
const operator = (
  name: string,
  inputs: readonly number[],
  outputs: readonly number[],
  options?: TestOperator["options"],
): TestOperator => ({ code: code(name), inputs, outputs, ...(options ? { options } : {}) });

const f32 = (name: string, shape: readonly number[], values?: readonly number[]): TestTensor => ({
  name,
  shape,
  type: 0,
  ...(values ? { data: Float32Array.from(values) } : {}),
});
const i8 = (name: string, shape: readonly number[], scale: number, zeroPoint: number): TestTensor => ({
  name,
  shape,
  type: 9,
  scale: [scale],
  zeroPoint: [zeroPoint],
});
const i32 = (name: string, shape: readonly number[], values?: readonly number[]): TestTensor => ({
  name,
  shape,
  type: 2,
  ...(values ? { data: Int32Array.from(values) } : {}),
});
const resource = (name: string): TestTensor => ({ name, shape: [], type: 13 });

const imported = (...graphs: readonly TestGraph[]): Model => importTflite(tfliteFile(...graphs), "models/m-1.tflite");

/** Runs an imported model: one inference a row of `calls`. */
async function run(model: Model, ...calls: readonly (readonly TypedArray[])[]): Promise<number[][][]> {
  const planned = planGraph(runPasses(model.graph), { family: "scalar" });
  const runner = new PlanRun(await compileKernels([planned.plan], "scalar"), planned);
  return calls.map((inputs) => runner.infer(inputs).map((y) => Array.from(y, Number)));
}

const addOne: TestGraph = {
  tensors: [f32("x", [1, 2]), f32("one", [1], [1]), f32("y", [1, 2])],
  inputs: [0],
  outputs: [2],
  operators: [operator("ADD", [0, 1], [2])],
};

describe("a file becomes a model", () => {
  test("named after the file, ports and nodes after tensors", async () => {
    const model = imported(addOne);
    expect(model.name).toBe("m_1");
    expect(model.graph.inputs.map((i) => i.name)).toEqual(["x"]);
    expect(model.graph.outputs.map((o) => [o.name, o.tensor.node.op, o.tensor.node.name])).toEqual([["y", "add", "y"]]);
    expect(await run(model, [Float32Array.of(1, 2)])).toEqual([[[2, 3]]]);
  });

  test("names that clash, are empty or no identifiers", () => {
    const model = imported({
      tensors: [f32("a b\n*/", [2]), f32("a b\n*/", [2]), f32("", [2]), f32("a b\n*/", [2])],
      inputs: [0, 1],
      outputs: [3, 2],
      operators: [operator("ADD", [0, 1], [2]), operator("ADD", [2, 1], [3])],
    });
    expect(model.graph.inputs.map((i) => i.name)).toEqual(["a_b__/", "a_b__/_2"]);
    expect(model.graph.outputs.map((o) => o.name)).toEqual(["a_b__/_3", "output"]);
  });

  test("outputs that are inputs, constants, and twice the same", async () => {
    const model = imported({ ...addOne, outputs: [2, 0, 1, 2] });
    expect(await run(model, [Float32Array.of(1, 2)])).toEqual([[[2, 3], [1, 2], [1], [2, 3]]]);
  });

  test("an unused input and an unused operator", async () => {
    const model = imported({
      ...addOne,
      tensors: [...addOne.tensors, f32("unused", [3]), f32("dead", [1, 2])],
      inputs: [3, 0],
      operators: [...addOne.operators, operator("RELU", [0], [4])],
    });
    expect(model.graph.nodes.filter((n) => !isLeaf(n)).map((n) => n.op)).toEqual(["add"]);
    expect(await run(model, [Float32Array.of(7, 8, 9), Float32Array.of(1, 2)])).toEqual([[[2, 3]]]);
  });

  test("operator codes beyond 127, and those of files before them", () => {
    const old = tfliteFile(addOne);
    expect(importTflite(old, "m.tflite").graph.nodes.some((n) => n.op === "add")).toBe(true);
    // CALL_ONCE is 129: 127 stands in the old field.
    const init: TestGraph = { tensors: [], inputs: [], outputs: [], operators: [] };
    expect(() =>
      imported({ ...addOne, operators: [operator("CALL_ONCE", [], [], { 0: int(1) }), ...addOne.operators] }, init),
    ).not.toThrow();
  });

  test("more inputs of CONCATENATION than one kernel takes", async () => {
    const parts = Array.from({ length: 19 }, (_, i) => f32(`c${i}`, [1, 1], [i]));
    const model = imported({
      tensors: [f32("x", [1, 1]), ...parts, f32("y", [1, 20])],
      inputs: [0],
      outputs: [20],
      operators: [
        operator(
          "CONCATENATION",
          Array.from({ length: 20 }, (_, i) => i),
          [20],
          { 0: int(1) },
        ),
      ],
    });
    expect(await run(model, [Float32Array.of(-1)])).toEqual([[[-1, ...parts.map((_, i) => i)]]]);
  });

  test("arithmetic on shapes is folded", async () => {
    const model = imported({
      tensors: [
        f32("x", [2, 3]),
        i32("shape", [2]),
        i32("begin", [1], [0]),
        i32("end", [1], [1]),
        i32("step", [1], [1]),
        i32("rows", []),
        i32("minus", [], [-1]),
        i32("target", [2]),
        f32("y", [2, 3]),
      ],
      inputs: [0],
      outputs: [8],
      operators: [
        operator("SHAPE", [0], [1]),
        operator("STRIDED_SLICE", [1, 2, 3, 4], [5], { 4: int(1) }),
        operator("PACK", [5, 6], [7], { 0: int(2) }),
        operator("RESHAPE", [0, 7], [8]),
      ],
    });
    expect(model.graph.nodes.filter((n) => !isLeaf(n)).map((n) => n.op)).toEqual(["reshape"]);
    expect(await run(model, [Float32Array.of(1, 2, 3, 4, 5, 6)])).toEqual([[[1, 2, 3, 4, 5, 6]]]);
  });

  test("a reshape may give its codes another scale", async () => {
    const model = imported({
      tensors: [i8("x", [1, 4], 0.5, 3), i8("r", [2, 2], 0.25, -3), f32("y", [2, 2])],
      inputs: [0],
      outputs: [2],
      operators: [operator("RESHAPE", [0], [1]), operator("DEQUANTIZE", [1], [2])],
    });
    expect(await run(model, [Int8Array.of(-3, 1, 5, 9)])).toEqual([[[0, 1, 2, 3]]]);
  });

  test("constants behind the tables, and weights that DEQUANTIZE makes floats", async () => {
    const model = imported({
      tensors: [
        f32("x", [1, 2]),
        { name: "w", shape: [2, 2], type: 9, scale: [0.5, 0.25], axis: 0, data: Int8Array.of(2, 4, 8, -4) },
        { name: "q", shape: [2, 2], type: 9, scale: [0.5], data: Int8Array.of(2, 4, 8, -4) },
        f32("d", [2, 2]),
        f32("y", [1, 2]),
      ],
      inputs: [0],
      outputs: [4],
      operators: [operator("DEQUANTIZE", [2], [3]), operator("FULLY_CONNECTED", [0, 3, -1], [4])],
    });
    expect(model.graph.nodes.filter((n) => !isLeaf(n)).map((n) => n.op)).toEqual(["dense"]);
    expect(await run(model, [Float32Array.of(1, 10)])).toEqual([[[21, -16]]]);
  });

  test("and survives a .pith file", () => {
    const model = imported(addOne);
    expect(decodeModel(encodeModel(model), "m.pith").model.graph.nodes.length).toBe(model.graph.nodes.length);
  });
});

describe("variables", () => {
  /** y = v + x, v = y, where v is 10 at first. */
  const counter: readonly TestGraph[] = [
    {
      tensors: [f32("x", [1]), resource("h"), f32("v", [1]), f32("y", [1]), f32("after", [1])],
      inputs: [0],
      outputs: [3, 2, 4],
      operators: [
        operator("CALL_ONCE", [], [], { 0: int(1) }),
        operator("VAR_HANDLE", [], [1], { 1: text("sum") }),
        operator("READ_VARIABLE", [1], [2]),
        operator("ADD", [0, 2], [3]),
        operator("ASSIGN_VARIABLE", [1, 3], []),
        operator("READ_VARIABLE", [1], [4]),
      ],
    },
    {
      tensors: [resource("h"), f32("ten", [1], [10])],
      inputs: [],
      outputs: [],
      operators: [operator("VAR_HANDLE", [], [0], { 1: text("sum") }), operator("ASSIGN_VARIABLE", [0, 1], [])],
    },
  ];

  test("become states: initial value, reads before and after an assignment", async () => {
    const model = imported(...counter);
    expect(model.graph.updates.map((u) => [u.target.node.name, u.value.node.name])).toEqual([["sum", "y"]]);
    const calls = [[Float32Array.of(1)], [Float32Array.of(5)], [Float32Array.of(-16)]];
    expect(await run(model, ...calls)).toEqual([
      [[11], [10], [11]],
      [[16], [11], [16]],
      [[0], [16], [0]],
    ]);
  });

  test("that nothing assigns are zeros", async () => {
    const [main] = counter;
    const reads = main!.operators.filter((o) => o.code === code("VAR_HANDLE") || o.code === code("READ_VARIABLE"));
    const model = imported({ ...main!, outputs: [2, 4], operators: reads });
    expect(await run(model, [Float32Array.of(1)])).toEqual([[[0], [0]]]);
  });

  test("variable tensors of an operator start at their zero point", () => {
    const model = imported({
      tensors: [i8("x", [2], 0.5, 7), { ...i8("v", [2], 0.5, 7), isVariable: true }, i8("y", [2], 0.5, 7)],
      inputs: [0],
      outputs: [2],
      operators: [operator("ADD", [0, 1], [2])],
    });
    const leaf = model.graph.nodes.find((n) => n.op === "state")!;
    expect(leaf.data).toEqual(Int8Array.of(7, 7));
  });
});

const inOut = (type: number): TestGraph => ({
  tensors: [
    { name: "x", shape: [2], type },
    { name: "y", shape: [2], type },
  ],
  inputs: [0],
  outputs: [1],
  operators: [operator("RELU", [0], [1])],
});
const dense = (options: TestOperator["options"], tensors: readonly TestTensor[]): TestGraph => ({
  tensors,
  inputs: [0],
  outputs: [2],
  operators: [operator("FULLY_CONNECTED", [0, 1], [2], options)],
});
const denseTensors = [f32("x", [1, 2]), f32("w", [3, 2], [1, 2, 3, 4, 5, 6]), f32("y", [1, 3])];

describe("what pith does not have: code import, with operator, version, node, and what is expected", () => {
  const cases: readonly (readonly [string, TestGraph, RegExp])[] = [
    [
      "a custom operator",
      { ...addOne, operators: [{ code: 32, custom: "MyOp", version: 4, inputs: [0], outputs: [2] }] },
      /m-1\.tflite: custom operator "MyOp" \(first as operator 0, version 4\), expected operators among .*ADD, .*\(express/,
    ],
    [
      "an operator without a row",
      { ...addOne, operators: [operator("WHILE", [0], [2])] },
      /WHILE \(first as operator 0/,
    ],
    ["an unknown code", { ...addOne, operators: [{ code: 999, inputs: [0], outputs: [2] }] }, /operator with code 999/],
    [
      "a fused TANH",
      { ...addOne, operators: [{ ...operator("ADD", [0, 1], [2], { 0: byte(4) }), version: 2 }] },
      /ADD version 2 "y" \(operator 0\): fused activation TANH, expected NONE, RELU, RELU_N1_TO_1, RELU6 \(make/,
    ],
    ["half floats", inOut(1), /tensor 0 "x" is FLOAT16, expected dense FLOAT32/],
    ["strings", inOut(5), /is STRING, expected/],
    [
      "sparse weights",
      dense({}, [denseTensors[0]!, { ...denseTensors[1]!, isSparse: true }, denseTensors[2]!]),
      /FULLY_CONNECTED version 1 "y" \(operator 0\): tensor 1 "w" is sparse/,
    ],
    ["shuffled weights", dense({ 1: byte(1) }, denseTensors), /"y" \(operator 0\): shuffled weights, expected/],
    [
      "dtypes that do not meet",
      dense({}, [denseTensors[0]!, i32("w", [3, 2], [1, 2, 3, 4, 5, 6]), denseTensors[2]!]),
      /FULLY_CONNECTED .*: f32.* with .*i32.*, expected/,
    ],
    [
      "weights of another size",
      dense({}, [f32("x", [1, 3]), denseTensors[1]!, denseTensors[2]!]),
      /FULLY_CONNECTED .*expected/,
    ],
    [
      "an input that is left out",
      { ...addOne, operators: [operator("ADD", [0, -1], [2])] },
      /ADD .*: no input 1, expected/,
    ],
    [
      "a computed parameter",
      {
        tensors: [f32("x", [2]), i32("p", [1, 2]), f32("y", [4])],
        inputs: [0, 1],
        outputs: [2],
        operators: [operator("PAD", [0, 1], [2])],
      },
      /PAD .*: input 1 i32\[1,2\] is computed, expected a constant/,
    ],
    [
      "an output that is not what is computed",
      { ...addOne, tensors: [...addOne.tensors.slice(0, 2), f32("y", [1, 3])] },
      /ADD .*: output is f32\[1,3\] in the file, expected f32\[1,2\]/,
    ],
  ];
  test.each(cases)("%s", (_what, graph, message) => {
    expect(() => imported(graph)).toThrow(
      expect.objectContaining({ code: "import", message: expect.stringMatching(message) }),
    );
  });
});

describe("damaged files: code file-format", () => {
  const refused = (bytes: Uint8Array, message: RegExp): void => {
    expect(() => importTflite(bytes, "bad.tflite")).toThrow(
      expect.objectContaining({ code: "file-format", message: expect.stringMatching(message) }),
    );
  };

  const graphs: readonly (readonly [string, TestGraph, RegExp])[] = [
    ["a tensor that is no tensor", { ...addOne, outputs: [7] }, /an output of the graph names tensor 7 of 3/],
    ["an operand that is no tensor", { ...addOne, operators: [operator("ADD", [0, 9], [2])] }, /names tensor 9 of 3/],
    [
      "a value before it is computed",
      { ...addOne, operators: [operator("ADD", [2, 1], [2])] },
      /tensor 2 is read .*before/,
    ],
    [
      "a constant that is written",
      {
        ...addOne,
        tensors: [addOne.tensors[0]!, f32("one", [1, 2], [1, 1]), addOne.tensors[2]!],
        operators: [operator("ADD", [0, 1], [1])],
      },
      /tensor 1 is written twice/,
    ],
    ["an input given twice", { ...addOne, inputs: [0, 0] }, /input tensor 0 is given twice/],
    [
      "an operator without outputs",
      { ...addOne, operators: [operator("ADD", [0, 1], [])] },
      /ADD \(operator 0\) has no output/,
    ],
    [
      "data of another size",
      { ...addOne, tensors: [addOne.tensors[0]!, f32("one", [3], [1]), addOne.tensors[2]!] },
      /4 bytes of data for tensor 1 f32\[3\], which has 12/,
    ],
    [
      "a shape without end",
      { ...addOne, tensors: [f32("x", [65536, 65536]), ...addOne.tensors.slice(1)] },
      /tensor 0 has shape \[65536,65536\]/,
    ],
    [
      "a negative dimension",
      { ...addOne, tensors: [f32("x", [-1, 2]), ...addOne.tensors.slice(1)] },
      /tensor 0 has shape \[-1,2\]/,
    ],
    [
      "a scale of zero",
      { ...inOut(9), tensors: [i8("x", [2], 0, 0), i8("y", [2], 1, 0)] },
      /tensor 0 i8\[2\] has a scale that is not positive/,
    ],
    [
      "a zero point out of range",
      { ...inOut(9), tensors: [i8("x", [2], 1, 128), i8("y", [2], 1, 0)] },
      /zero point out of range/,
    ],
    [
      "scales that fit no dimension",
      { ...inOut(9), tensors: [{ ...i8("x", [2], 1, 0), scale: [1, 1, 1] }, i8("y", [2], 1, 0)] },
      /3 scales along dimension 0/,
    ],
    [
      "a variable that nothing declares",
      { ...addOne, operators: [operator("READ_VARIABLE", [0], [2])] },
      /READ_VARIABLE \(operator 0\) has no variable/,
    ],
    [
      "a CALL_ONCE of itself",
      { ...addOne, operators: [operator("CALL_ONCE", [], [], { 0: int(0) })] },
      /calls subgraph 0 of 1/,
    ],
  ];
  test.each(graphs)("%s", (_what, graph, message) => refused(tfliteFile(graph), message));

  test("another identifier, nothing, and every length that is too short", () => {
    refused(flatBuffer(table({}), "TFL2"), /file identifier "TFL2"/);
    refused(new Uint8Array(0), /header at byte 0 reaches past the end/);
    const whole = tfliteFile(addOne);
    for (let length = 0; length < whole.length; length++)
      expect(() => importTflite(whole.subarray(0, length), "cut.tflite"), `${length} bytes`).toThrow(PithError);
  });

  test("data outside the file", () => {
    const tensor = table({ 0: ints([1]), 1: byte(0), 2: int(1) });
    const graph = table({ 0: tables([tensor]), 1: ints([]), 2: ints([0]), 3: tables([]) });
    const buffer = table({ 1: ulong(1e6), 2: ulong(4) });
    refused(
      flatBuffer(table({ 1: tables([]), 2: tables([graph]), 4: tables([table({}), buffer]) })),
      /data of buffer 1 at byte 1000000 reaches past the end/,
    );
  });

  test("a small file that describes endless work", () => {
    const scales = new Array<number>(20_000).fill(1);
    const tensor = table({ 0: ints([20_000]), 1: byte(9), 4: table({ 2: floats(scales), 3: longs(scales) }) });
    const graph = table({ 0: tables(new Array(60_000).fill(tensor)) });
    const bytes = flatBuffer(table({ 1: tables([]), 2: tables([graph]), 4: tables([table({})]) }));
    const started = performance.now();
    refused(bytes, /parts that overlap many times over/);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

const operators = fileURLToPath(new URL("./goldens-ops/", import.meta.url));

test("every golden operator survives a .pith file", () => {
  for (const { name } of readIndex(operators)) {
    const { graph } = importTflite(readFileSync(`${operators}${name}/${name}.tflite`), `${name}.tflite`);
    const again = decodeModel(encodeModel({ name: "m", graph }), name).model.graph;
    const facts = (g: Model["graph"]): unknown =>
      g.nodes.map(({ op, attrs, types, data }) => ({ op, attrs, types, data }));
    expect(facts(again), name).toEqual(facts(graph));
  }
});

test("4,000 mutated files: every rejection is typed, none is slow or greedy", () => {
  const files = readIndex(operators).map(({ name }) => ({
    name,
    bytes: Uint8Array.from(readFileSync(`${operators}${name}/${name}.tflite`)),
  }));
  const { untyped, slow, greedy, accepted, findings } = fuzz({ files, seed: 20, cases: 4000 });
  expect(findings).toEqual([]);
  expect([untyped, slow, greedy]).toEqual([0, 0, 0]);
  expect(accepted).toBeGreaterThan(100);
});
