/** One seed, one file: training again, with other thread counts, or broken off and resumed, saves the same bytes. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { simulateMotor } from "../sdk/data/simulate-motor.ts";
import { probeNative } from "../sdk/train/backends/native.ts";
import type { Recipe } from "../sdk/train/recipe.ts";
import { type TrainOptions, train } from "../sdk/train/train.ts";
import { demoRecipe } from "../tools/cli/demo/demo-recipe.ts";
import { splits, tinyRecipe } from "./support/tiny-training.ts";

const probe = await probeNative();
if (!probe.available && process.env["PITH_REQUIRE_ALL"])
  throw new Error(`PITH_REQUIRE_ALL is set, but there is no cpu backend: ${probe.reason}`);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pith-determinism-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Plan = Recipe;

/** The bytes of the .pith file that a training saves. */
async function fileOf(plan: Plan, options: TrainOptions): Promise<Buffer> {
  const path = join(folder, "model.pith");
  await (await train(plan, { seed: 7, runs: false, ...options }).model).save(path);
  return readFileSync(path);
}

/** Breaks off within the first epoch, at the first word of progress. */
async function breakOff(plan: Plan, options: TrainOptions): Promise<number> {
  const stop = new AbortController();
  const run = train(plan, { seed: 7, runs: false, ...options, signal: stop.signal, onStep: () => stop.abort() });
  const error: unknown = await run.model.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ code: "training", details: { stopped: true } });
  return Number(/at step (\d+)/.exec(String(error))?.[1]);
}

/** Samples, two a step: an epoch must outlast the first word of progress, which comes after 50 ms at the earliest. */
const ENOUGH = { cpu: 100_000, wasm: 6000 } as const;

describe.each(["cpu", "wasm"] as const)("%s", (backend) => {
  const lacking = backend === "cpu" && !probe.available;

  test.skipIf(lacking)("twice with one seed", { timeout: 120_000 }, async () => {
    const first = await fileOf(tinyRecipe(), { backend });
    expect(first.equals(await fileOf(tinyRecipe(), { backend }))).toBe(true);
    expect(first.equals(await fileOf(tinyRecipe(), { backend, seed: 8 }))).toBe(false);
  });

  test.skipIf(lacking)("broken off within an epoch and resumed", { timeout: 240_000 }, async () => {
    const steps = ENOUGH[backend] / 2;
    const plan = tinyRecipe(splits(ENOUGH[backend]), { epochs: 2, batch: 2 });
    const path = join(folder, `${backend}.checkpoint`);
    const whole = await fileOf(plan, { backend });
    const step = await breakOff(plan, { backend, checkpoint: { path } });
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(2 * steps);
    expect(step % steps).not.toBe(0);
    expect(whole.equals(await fileOf(plan, { backend, checkpoint: { path, resume: true } }))).toBe(true);
  });
});

test.skipIf(!probe.available)(
  "cpu: 1 and 2 threads, and a resume with the other count",
  { timeout: 240_000 },
  async () => {
    const plan = tinyRecipe(splits(ENOUGH.cpu), { epochs: 2, batch: 2 });
    const path = join(folder, "threads.checkpoint");
    const one = await fileOf(plan, { backend: "cpu", threads: 1 });
    expect(one.equals(await fileOf(plan, { backend: "cpu", threads: 2 }))).toBe(true);
    await breakOff(plan, { backend: "cpu", threads: 1, checkpoint: { path } });
    expect(one.equals(await fileOf(plan, { backend: "cpu", threads: 2, checkpoint: { path, resume: true } }))).toBe(
      true,
    );
  },
);

/** The tiny network's steps are below the work that threads share: this one's are not. */
test.skipIf(!probe.available)("cpu: 1, 2 and 3 threads on a network of full size", { timeout: 240_000 }, async () => {
  const motor = simulateMotor({ trainRecordings: 20, testRecordings: 2 });
  const facts = {
    about: "",
    change: "",
    simulated: true,
    independentEvery: 2,
    reference: motor.train,
    changed: motor.test,
  };
  const plan = { ...demoRecipe({ ...motor, ...facts, name: "motor" }), epochs: 2 };
  const one = await fileOf(plan, { backend: "cpu", threads: 1 });
  for (const threads of [2, 3]) expect(one.equals(await fileOf(plan, { backend: "cpu", threads }))).toBe(true);
});
