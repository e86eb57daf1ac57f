import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NpyArray, readNpy, simulateMotor, writeNpy } from "../sdk/data/index.ts";
import { saveModel } from "../sdk/formats/pith.ts";
import { onPath } from "../tools/doctor/doctor.ts";
import { pith } from "./support/cli.ts";
import { smallModel } from "./support/small-model.ts";

const compiler = onPath("cc") || onPath("gcc") || onPath("clang");
const folder = mkdtempSync(join(tmpdir(), "pith-cli-model-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const [float, int8] = [at("small.pith"), at("small-int8.pith")];

const windows = (n: number): Float32Array =>
  Float32Array.from(
    simulateMotor({ trainRecordings: 1, testRecordings: 1 }).test.slice(0, n).inputs["accel"]!.data,
    Number,
  );
const save = (name: string, array: NpyArray): string => {
  writeFileSync(at(name), writeNpy(array));
  return at(name);
};
const load = (name: string): NpyArray => readNpy(readFileSync(at(name)), name);
const result = async (args: readonly string[]): Promise<Record<string, unknown>> => {
  const { stdout, stderr, status } = await pith([...args, "--json"]);
  expect([status, stderr.includes("Error")]).toEqual([0, false]);
  return (JSON.parse(stdout) as { result: Record<string, unknown> }).result;
};

beforeAll(async () => {
  saveModel(float, smallModel());
  expect(await pith(["quantize", float, "--data", "motor", "--samples", "100", "-o", int8])).toMatchObject({
    status: 0,
    stderr: "",
  });
});

describe("pith run", () => {
  const n = 3;
  const f32 = (shape: readonly number[], data: Float32Array = windows(n)): NpyArray => ({ dtype: "f32", shape, data });

  test("[N, 200, 3] and [N, 1, 200, 3] give the same bytes; f32 is quantized and that is said", async () => {
    const a = await pith(["run", int8, "--input", save("a.npy", f32([n, 200, 3])), "--output", at("ya.npy")]);
    expect([a.status, a.stderr]).toEqual([0, "quantizing f32 values of accel to int8\n"]);
    expect(
      (await pith(["run", int8, "--input", save("b.npy", f32([n, 1, 200, 3])), "--output", at("yb.npy")])).status,
    ).toBe(0);
    expect(load("ya.npy")).toMatchObject({ dtype: "i8", shape: [n, 1, 5] });
    expect(readFileSync(at("ya.npy"))).toEqual(readFileSync(at("yb.npy")));
  });
  test("--dequantize writes f32; --layers writes every step; a compiled module gives the same bytes", async () => {
    const input = save("c.npy", f32([n, 200, 3]));
    await result(["run", int8, "--input", input, "--output", at("yc.npy"), "--dequantize", "--layers", at("layers")]);
    expect(load("yc.npy")).toMatchObject({ dtype: "f32", shape: [n, 1, 5] });
    const layers = readdirSync(at("layers"));
    expect(layers.length).toBeGreaterThanOrEqual(3);
    await result(["compile", int8, "--target", "wasm", "-o", at("build")]);
    await result(["run", at("build/model.wasm"), "--input", input, "--output", at("yd.npy")]);
    await result(["run", int8, "--input", input, "--output", at("ye.npy")]);
    expect(readFileSync(at("yd.npy"))).toEqual(readFileSync(at("ye.npy")));
  });
  test.skipIf(!compiler)(
    "native code of this computer and the virtual board give the bytes of the portable module",
    async () => {
      const input = save("h.npy", f32([n, 200, 3]));
      await result(["run", int8, "--input", input, "--output", at("yw.npy"), "--layers", at("layers-wasm")]);
      await result([
        "run",
        int8,
        "--input",
        input,
        "--output",
        at("yh.npy"),
        "--layers",
        at("layers-host"),
        "--on",
        "host",
      ]);
      await result(["run", int8, "--input", input, "--output", at("yv.npy"), "--on", "virtual"]);
      expect(readFileSync(at("yh.npy"))).toEqual(readFileSync(at("yw.npy")));
      expect(readFileSync(at("yv.npy"))).toEqual(readFileSync(at("yw.npy")));
      for (const name of readdirSync(at("layers-wasm")))
        expect(readFileSync(join(at("layers-host"), name))).toEqual(readFileSync(join(at("layers-wasm"), name)));
    },
  );
  test("no inferences: an empty output of the right shape", async () => {
    await result([
      "run",
      float,
      "--input",
      save("empty.npy", f32([0, 200, 3], new Float32Array(0))),
      "--output",
      at("y0.npy"),
    ]);
    expect(load("y0.npy").shape).toEqual([0, 1, 5]);
  });
  test.each([
    ["a wrong shape", int8, f32([n, 3, 200]), "shape [3,3,200], expected [N,1,200,3] or [N,200,3]"],
    ["no batch dimension at all", int8, f32([200, 3], windows(1)), "shape [200,3], expected"],
    ["a batch of two", int8, f32([1, 2, 200, 3], windows(2)), "shape [1,2,200,3], expected"],
    ["f64", int8, { dtype: "f64", shape: [1, 200, 3], data: new Float64Array(600) }, "dtype f64, expected i8 or f32"],
    [
      "int8 for a float model",
      float,
      { dtype: "i8", shape: [1, 200, 3], data: new Int8Array(600) },
      'dtype i8, expected f32 for input "accel"',
    ],
  ] satisfies [string, string, NpyArray, string][])("%s: exit 1, one line", async (_, model, array, message) => {
    const found = await pith(["run", model, "--input", save("bad.npy", array), "--output", at("never.npy")]);
    expect(found.stderr).toContain(message);
    expect(found.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([found.status, existsSync(at("never.npy"))]).toEqual([1, false]);
  });
  test("counts of --input and --output, text in place of an array, an unknown place", async () => {
    const x = save("x.npy", f32([n, 200, 3]));
    writeFileSync(at("text.npy"), "text");
    const cases: readonly (readonly [readonly string[], number, string])[] = [
      [["run", int8, "--input", x, "--input", x, "--output", at("y.npy")], 2, "2 --input, expected 1"],
      [
        ["run", int8, "--input", x, "--output", at("y.npy"), "--output", at("z.npy")],
        2,
        "2 --output, expected at most 1",
      ],
      [["run", int8, "--input", at("text.npy"), "--output", at("y.npy")], 1, "not a NumPy file"],
      [["run", int8, "--input", at("none.npy"), "--output", at("y.npy")], 1, "no such file"],
    ];
    for (const [args, status, message] of cases) {
      const found = await pith(args);
      expect(found.stderr).toContain(message);
      expect([found.status, found.stderr.trimEnd().split("\n").length]).toEqual([status, 1]);
    }
  });
});

test("compile: the report; a RAM budget that is too small is exit 3 and names the tensors that cost most", async () => {
  const report = await result(["compile", int8, "--target", "wasm", "-o", at("build2")]);
  expect(report).toMatchObject({
    target: "wasm",
    name: "small",
    ram: { arena: expect.any(Number) },
    layers: expect.any(Array),
  });
  const over = await pith(["compile", float, "--target", "wasm", "--ram", "1k", "-o", at("build3"), "--json"]);
  expect(over.status).toBe(3);
  expect(JSON.parse(over.stdout)).toMatchObject({
    ok: false,
    error: {
      code: "budget",
      details: { budget: 1024, tensors: expect.arrayContaining([{ name: "accel", bytes: 2400 }]) },
    },
  });
  expect(existsSync(at("build3"))).toBe(false);
});

test("eval: accuracy and confusion, the same for the module as for the model", async () => {
  const a = await result(["eval", int8, "--data", "motor"]);
  const b = await result(["eval", at("build2/model.wasm"), "--data", "motor"]);
  expect(a).toMatchObject({ samples: 300, split: "test", classes: ["bearing", "idle", "imbalance", "load", "off"] });
  expect(b).toEqual(a);
});

test("show and verify say what a model is", async () => {
  expect(await result(["show", float])).toMatchObject({
    name: "small",
    inputs: [{ name: "accel", dtype: "f32", shape: [1, 200, 3] }],
    macs: 600 * 16 + 16 * 8 + 8 * 5,
  });
  expect(await result(["verify", at("build2/model.wasm")])).toMatchObject({ name: "small" });
});

test("data without the model's input, or of another shape, are named", async () => {
  const found = await pith([
    "eval",
    int8,
    "--data",
    save("short.npy", { dtype: "f32", shape: [2, 100, 3], data: new Float32Array(600) }),
  ]);
  expect([found.status, found.stderr]).toEqual([
    1,
    expect.stringMatching(/no labels|samples are \[100,3\], expected \[200,3\]/),
  ]);
});
