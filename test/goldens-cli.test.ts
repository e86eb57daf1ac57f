/**
 * Golden models through `pith run` itself: files in, files out, on wasm and as native code. `npm run goldens -- --cli`
 * does this for all of them.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { difference, goldenSets, modelFile, readIndex } from "../bench/goldens/sets.ts";
import type { TypedArray } from "../kernels/op.ts";
import { readNpy, writeNpy } from "../sdk/data/npy.ts";
import { onPath } from "../tools/doctor/doctor.ts";
import { pith } from "./support/cli.ts";

const operators = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
const models = join(process.env["PITH_DATA"] ?? "-", "goldens");
const folder = mkdtempSync(join(tmpdir(), "pith-goldens-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** State carried over and reset, two inputs, other dtypes, a batch, whole models. */
const CASES: readonly (readonly [root: string, name: string, on: "wasm" | "host"])[] = [
  [operators, "read_variable_i8_accumulate", "wasm"],
  [operators, "read_variable_i8_accumulate", "host"],
  [operators, "add_i16_pot1_scales", "wasm"],
  [operators, "greater_i8_same", "wasm"],
  [operators, "conv_2d_i8_batch3", "host"],
  [models, "hello_world_float", "wasm"],
  [models, "hello_world_int8", "host"],
  [models, "kws_ref_model", "host"],
];

describe("pith run", () => {
  for (const [root, name, on] of CASES) {
    const entry = existsSync(root) ? readIndex(root).find((e) => e.name === name) : undefined;
    const cannot = !entry || (on === "host" && !onPath("gcc"));
    test.skipIf(cannot)(`${name} --on ${on}`, { timeout: 300_000 }, async () => {
      for (const set of goldenSets(root, entry!)) {
        const outputs = set.outputPaths.map((_, j) => join(folder, `${name}-${on}-${j}.npy`));
        const given = set.inputPaths.flatMap((path) => ["--input", path]);
        const wanted = outputs.flatMap((path) => ["--output", path]);
        const found = await pith(["run", modelFile(root, name), ...given, ...wanted, "--on", on, "--state", set.state]);
        expect(found.stderr).toBe("");
        expect(found.status).toBe(0);
        set.outputPaths.forEach((path, j) => {
          const [got, want] = [outputs[j]!, path].map((p) => readNpy(readFileSync(p), p));
          expect(got!.shape).toEqual(want!.shape);
          expect(difference(got!.data as TypedArray, want!.data as TypedArray, set.tolerance)).toBeUndefined();
        });
      }
    });
  }
});

describe("a .tflite file on the command line", () => {
  const path = modelFile(operators, "conv_2d_i8_1x1");
  const npy = (name: string, shape: readonly number[], data: TypedArray, dtype: "i8" | "i16" | "f32"): string => {
    const file = join(folder, name);
    writeFileSync(file, writeNpy({ dtype, shape, data }));
    return file;
  };
  const run = (input: string) => pith(["run", path, "--input", input, "--output", join(folder, "y.npy")]);

  test("inputs with and without the batch of 1, f32 is quantized, other dtypes are refused", async () => {
    const zeros = new Int8Array(2 * 105);
    expect((await run(npy("a.npy", [2, 1, 5, 7, 3], zeros, "i8"))).status).toBe(0);
    expect((await run(npy("b.npy", [2, 5, 7, 3], zeros, "i8"))).status).toBe(0);
    const quantized = await run(npy("c.npy", [2, 5, 7, 3], new Float32Array(210), "f32"));
    expect([quantized.status, quantized.stderr]).toEqual([0, "quantizing f32 values of in0 to int8\n"]);
    const refused = await run(npy("d.npy", [2, 5, 7, 3], new Int16Array(210), "i16"));
    expect(refused.stderr).toMatch(/d\.npy: dtype i16, expected i8 or f32 for input "in0"/);
    expect(refused.status).toBe(1);
  });

  test("a batch that is not 1 is part of the shape", async () => {
    const batch3 = modelFile(operators, "conv_2d_i8_batch3");
    const { shape } = readNpy(readFileSync(join(operators, "conv_2d_i8_batch3", "in0.npy")), "in0");
    const image = shape.slice(2);
    const input = npy("e.npy", [6, ...image], new Int8Array(6 * image.reduce((n, d) => n * d, 1)), "i8");
    const found = await pith(["run", batch3, "--input", input, "--output", join(folder, "y.npy")]);
    expect(found.stderr).toMatch(/e\.npy: shape \[6,[\d,]+\], expected \[N,3,[\d,]+\] for input "in0"/);
  });

  test("show, import, quantize, and a file that is cut", async () => {
    expect((await pith(["show", path])).stdout).toMatch(/conv2d\(.*\) : i8\[1,5,7,5\]/);
    const out = join(folder, "m.pith");
    const found = await pith(["import", path, "-o", out, "--json"]);
    expect(JSON.parse(found.stdout)).toMatchObject({ ok: true, result: { output: out, operators: 1 } });
    expect((await pith(["show", out])).stdout).toMatch(/conv2d\(.*\) : i8\[1,5,7,5\]/);
    const again = await pith(["quantize", path, "--data", "motor"]);
    expect(again.stderr).toMatch(/the model is quantized already, expected a float model/);
    const cut = join(folder, "cut.tflite");
    writeFileSync(cut, readFileSync(path).subarray(0, 300));
    const broken = await pith(["show", cut]);
    expect([broken.status, broken.stdout]).toEqual([1, ""]);
    expect(broken.stderr).toMatch(/cut\.tflite: .*, expected a well-formed/);
  });
});
