/**
 * The promise of the whole line: one int8 model with its monitors gives the same bytes in Node, without SIMD, as C on
 * this machine, on the virtual board and on the emulated Cortex-M4, for real windows and in every step. Without
 * PITH_DATA the windows are the simulated motor's, and fewer.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../sdk/data/dataset.ts";
import { simulateMotor } from "../sdk/data/simulate-motor.ts";
import { type QuantizedModel, quantize, withMonitors } from "../sdk/quantize/quantized.ts";
import { quantizeValues } from "../sdk/runtime/quantize-values.ts";
import type { Recipe } from "../sdk/train/recipe.ts";
import { train } from "../sdk/train/train.ts";
import { emulatorMissing } from "../targets/native/emulator.ts";
import { findToolchain } from "../targets/native/toolchain.ts";
import { demoRecipe } from "../tools/cli/demo/demo-recipe.ts";
import { exerciseRecipe, missingExerciseData } from "./support/exercise.ts";
import { boardPlace, hostPlace, nodePlace, type Place } from "./support/places.ts";

const noData = missingExerciseData();
/** Windows of each split, spread over it. */
const EACH = noData === undefined ? 120 : 12;
const STEPPED = 5;

const missingCompiler = async (target: "host" | "cortex-m4"): Promise<string | undefined> => {
  const found = await findToolchain(target);
  return "missing" in found ? found.missing : undefined;
};
const lacks = {
  host: await missingCompiler("host"),
  virtual:
    (await missingCompiler("host")) ?? (process.platform === "linux" ? undefined : "the virtual board needs Linux"),
  "qemu-m4": (await missingCompiler("cortex-m4")) ?? (await emulatorMissing("cortex-m4"))?.missing,
};
for (const [place, reason] of Object.entries(lacks))
  if (reason !== undefined && process.env["PITH_REQUIRE_ALL"])
    throw new Error(`PITH_REQUIRE_ALL is set, but there is no ${place}: ${reason}`);

async function shortRecipe(): Promise<Recipe> {
  if (noData === undefined) return exerciseRecipe(2);
  const splits = simulateMotor({ trainRecordings: 20, testRecordings: 6 });
  const facts = { about: "", change: "", simulated: true, independentEvery: 2 };
  return {
    ...demoRecipe({ ...splits, ...facts, name: "motor", reference: splits.train, changed: splits.test }),
    epochs: 2,
  };
}

const spread = (data: Dataset, count: number): Float32Array[] =>
  Array.from({ length: Math.min(count, data.length) }, (_, i) => {
    const { inputs } = data.at(Math.floor((i * data.length) / Math.min(count, data.length)));
    return Float32Array.from(inputs["accel"] as Float32Array);
  });

interface Seen {
  readonly steps: readonly (readonly number[])[];
  readonly outputs: readonly string[];
  readonly monitors: readonly number[];
}

/** Steps of the first windows, each from a fresh start (a board's step leaves the counters as they were); then all windows; then what the monitors counted. */
async function seenAt(place: Place, windows: readonly Uint8Array[]): Promise<Seen> {
  const steps: (readonly number[])[] = [];
  for (const window of windows.slice(0, STEPPED)) {
    await place.reset();
    steps.push(await place.steps(window));
  }
  await place.reset();
  const outputs: string[] = [];
  for (const window of windows) outputs.push(Buffer.from(await place.infer(window)).toString("hex"));
  return { steps, outputs, monitors: await place.monitors() };
}

describe(`the same bytes everywhere, on ${noData === undefined ? "har-exercise" : `the simulated motor (${noData})`}`, () => {
  let folder = "";
  let model: QuantizedModel;
  let windows: readonly Uint8Array[] = [];
  let reference: Seen;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pith-same-"));
    const plan = await shortRecipe();
    const float = await train(plan, { seed: 1, runs: false }).model;
    const { train: calibrate, test: held } = plan.data;
    model = await withMonitors(await quantize(float, { calibrate }), { reference: calibrate });
    const { shape, quant } = model.graph.inputs[0]!.tensor.type;
    windows = [...spread(held, EACH), ...spread(calibrate, EACH)].map(
      (values) => new Uint8Array(quantizeValues(values, shape, quant!).buffer),
    );
    reference = await seenAt(await nodePlace(model, "pairdot"), windows);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const check = async (open: () => Promise<Place>): Promise<void> => {
    const place = await open();
    try {
      expect(await seenAt(place, windows)).toEqual(reference);
    } finally {
      await place.close();
    }
  };

  test("there are as many windows as promised, and they differ", () => {
    expect(windows).toHaveLength(2 * EACH);
    expect(new Set(reference.outputs).size).toBeGreaterThan(EACH);
    expect(reference.monitors.reduce((n, v) => n + v, 0)).toBeGreaterThan(windows.length);
    expect(reference.steps[0]!.length).toBeGreaterThan(5);
  });

  test("wasm without SIMD", { timeout: 120_000 }, () => check(() => nodePlace(model, "scalar")));
  test.skipIf(lacks.host)("C on this machine", { timeout: 300_000 }, () => check(() => hostPlace(model)));
  test.skipIf(lacks.virtual)("board virtual", { timeout: 300_000 }, () =>
    check(() => boardPlace(model, "virtual", folder)),
  );
  test.skipIf(lacks["qemu-m4"])("board qemu-m4", { timeout: 600_000 }, () =>
    check(() => boardPlace(model, "qemu-m4", folder)),
  );
});
