/** The loop on every backend: determinism, resuming, stopping, divergence, early stopping. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PithError } from "../sdk/error.ts";
import { loadModel } from "../sdk/formats/pith.ts";
import { interpret } from "../sdk/graph/interpret.ts";
import { cosine, oneCycle, sgd, stepRate } from "../sdk/nn/index.ts";
import type { BackendName } from "../sdk/train/backends/backend.ts";
import { type NativeAddon, probeNative } from "../sdk/train/backends/native.ts";
import { type TrainOptions, train } from "../sdk/train/train.ts";
import type { TrainedModel } from "../sdk/train/trained.ts";
import type { Epoch } from "../sdk/train/trainer.ts";
import { splits, tinyRecipe, waves, weightHash } from "./support/tiny-training.ts";

const probe = await probeNative();
const native = probe.available ? test : test.skip;
const addon: NativeAddon | undefined = probe.available ? probe.addon : undefined;
/** The fastest backend here, for what does not depend on the backend. */
const fast: BackendName = probe.available ? "cpu" : "wasm";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pith-train-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (addon) expect(addon.counts()).toEqual({ sessions: 0, workers: 0 });
});

async function course(
  plan: ReturnType<typeof tinyRecipe>,
  options: TrainOptions,
): Promise<{ epochs: Epoch[]; model: TrainedModel }> {
  const run = train(plan, { seed: 1, runs: false, ...options });
  const epochs: Epoch[] = [];
  for await (const epoch of run) epochs.push(epoch);
  return { epochs, model: await run.model };
}

const stopped = async (plan: ReturnType<typeof tinyRecipe>, options: TrainOptions): Promise<PithError> => {
  const error = await course(plan, options).then(
    () => undefined,
    (e: unknown) => e,
  );
  if (error instanceof PithError) return error;
  throw new Error(`expected training to stop, received ${String(error)}`);
};

describe("determinism", () => {
  native("1, 2 and 3 threads give the same weight bytes", async () => {
    const hashes = [];
    for (const threads of [1, 2, 3])
      hashes.push(weightHash((await course(tinyRecipe(), { backend: "cpu", threads })).model));
    expect(new Set(hashes).size).toBe(1);
  });

  test("another seed gives other weights", async () => {
    const [a, b] = [
      await course(tinyRecipe(), { backend: fast, seed: 1 }),
      await course(tinyRecipe(), { backend: fast, seed: 2 }),
    ];
    expect(weightHash(a.model)).not.toBe(weightHash(b.model));
  });

  native("cpu without FMA and wasm give the same bytes; others differ by rounding only", async () => {
    const plan = tinyRecipe();
    const [portable, fastest, wasm, reference] = [
      await course(plan, { backend: "cpu", isa: "portable" }),
      await course(plan, { backend: "cpu" }),
      await course(plan, { backend: "wasm" }),
      await course(plan, { backend: "reference" }),
    ];
    expect(weightHash(wasm.model)).toBe(weightHash(portable.model));
    for (const other of [portable, fastest, wasm])
      other.epochs.forEach((epoch, i) => {
        // f32 against f64 over 18 steps: a few hundred roundings of 6e-8 each, amplified by Adam's division.
        expect(Math.abs(epoch.loss - reference.epochs[i]!.loss)).toBeLessThan(1e-4);
      });
  });

  test("the loss falls and the test accuracy is in the model's provenance", async () => {
    const { epochs, model } = await course(tinyRecipe(splits(), { epochs: 20 }), { backend: fast });
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss * 0.7);
    expect(model.provenance?.["test"]).toMatchObject({ metrics: { accuracy: expect.any(Number) } });
  });
});

describe("checkpoints", () => {
  test.each(["reference", "wasm", "cpu"] as const)(
    "%s: resuming after every epoch equals never having stopped",
    async (backend) => {
      if (backend === "cpu" && !probe.available) return;
      const path = join(folder, `${backend}.checkpoint`);
      const whole = await course(tinyRecipe(), { backend });
      for (const epochs of [1, 2, 3]) {
        // The number of epochs is part of what a training is (schedules depend on it): stop by signal instead.
        const stop = new AbortController();
        const run = train(tinyRecipe(), {
          seed: 1,
          runs: false,
          backend,
          signal: stop.signal,
          checkpoint: { path, resume: true },
        });
        try {
          for await (const { epoch } of run) if (epoch === epochs && epochs < 3) stop.abort();
        } catch (error) {
          expect(error).toMatchObject({ code: "training", details: { stopped: true, checkpoint: path } });
        }
        if (epochs === 3) expect(weightHash(await run.model)).toBe(weightHash(whole.model));
      }
    },
  );

  native("stopping in the middle of an epoch and resuming gives the same bytes and the same means", async () => {
    const plan = tinyRecipe(splits(24_000), { epochs: 2, batch: 2 });
    const path = join(folder, "middle.checkpoint");
    const whole = await course(plan, { backend: "cpu", threads: 1 });
    const stop = new AbortController();
    const error = await stopped(plan, {
      backend: "cpu",
      threads: 1,
      signal: stop.signal,
      checkpoint: { path },
      onStep: () => stop.abort(),
    });
    expect(error.message).toMatch(/stopped by its signal at step \d+, expected 24000 \(resume from /);
    const resumed = await course(plan, { backend: "cpu", threads: 2, checkpoint: { path, resume: true } });
    expect(weightHash(resumed.model)).toBe(weightHash(whole.model));
    expect(resumed.epochs.map((e) => [e.epoch, e.loss, e.metrics])).toEqual(
      whole.epochs.map((e) => [e.epoch, e.loss, e.metrics]).slice(-resumed.epochs.length),
    );
  });

  test("a signal that has fired stops before the first step and leaves a checkpoint", async () => {
    const path = join(folder, "fired.checkpoint");
    const error = await stopped(tinyRecipe(), { backend: fast, signal: AbortSignal.abort(), checkpoint: { path } });
    expect(error.details).toEqual({ stopped: true, checkpoint: path });
    expect(existsSync(path)).toBe(true);
    expect(readdirSync(folder).filter((f) => f.endsWith(".tmp"))).toEqual([]);
  });

  test("the checkpoint of another training, or no checkpoint, is refused", async () => {
    const path = join(folder, "other.checkpoint");
    await course(tinyRecipe(), { backend: fast, checkpoint: { path } });
    await expect(course(tinyRecipe(), { backend: fast, seed: 9, checkpoint: { path, resume: true } })).rejects.toThrow(
      "a checkpoint of another training",
    );
    writeFileSync(path, readFileSync(path).subarray(0, 100));
    await expect(course(tinyRecipe(), { backend: fast, checkpoint: { path, resume: true } })).rejects.toMatchObject({
      code: "file-format",
    });
  });
});

describe("ends of training", () => {
  test("a loss that is no number is an error with the step", async () => {
    const error = await stopped(tinyRecipe(splits(), { optimizer: sgd({ rate: 1e30 }) }), { backend: fast });
    expect(error.code).toBe("training");
    expect(error.message).toMatch(
      /^train: the loss is (NaN|Infinity) at step \d+, expected a finite number \(lower the rate of sgd/,
    );
  });

  test("early stopping watches the validation split and keeps the best values", async () => {
    const data = { ...splits(), validation: waves(30, 3) };
    const { epochs } = await course(
      tinyRecipe(data, { epochs: 40, optimizer: sgd({ rate: 0 }), earlyStopping: { patience: 2 } }),
      { backend: fast },
    );
    // Only the running statistics of the norm move: the loss falls towards theirs, then patience runs out.
    const losses = epochs.map((e) => e.validation!.loss);
    expect(epochs.length).toBe(losses.indexOf(Math.min(...losses)) + 1 + 2);
    expect(epochs.length).toBeLessThan(40);
    expect(epochs[0]!.validation).toMatchObject({
      loss: expect.any(Number),
      metrics: { accuracy: expect.any(Number) },
    });
  });

  test("a metric that does not exist names those that do", async () => {
    await expect(
      course(tinyRecipe(splits(), { earlyStopping: { patience: 1, metric: "acuracy" } }), { backend: fast }),
    ).rejects.toThrow('metric "acuracy", expected one of loss, accuracy');
  });
});

describe("results", () => {
  test("save, load, predict: the file has the values that training ended with", async () => {
    const { model } = await course(tinyRecipe(), { backend: fast });
    const path = join(folder, "tiny.pith");
    await model.save(path);
    expect(weightHash(loadModel(path))).toBe(weightHash(model));
    const { inputs } = waves(1, 5).at(0);
    const accel = inputs["accel"]! as Float32Array;
    const expected = interpret(model.graph, { accel }).outputs["logits"]!.data;
    const { logits } = (await model.predict({ accel })) as { logits: Float32Array };
    logits.forEach((v, i) => {
      expect(Math.abs(v - expected[i]!)).toBeLessThan(1e-5); // f32 sums of 120 terms of order 1
    });
  });

  test("a run is recorded under a hash of what decides it", async () => {
    const root = join(folder, "runs");
    const first = await course(tinyRecipe(), { backend: fast, runs: root });
    const again = await course(tinyRecipe(), { backend: fast, runs: root });
    expect(again.model.run).toBe(first.model.run);
    const files = readdirSync(join(root, first.model.run!)).sort();
    expect(files).toEqual(["environment.json", "metrics.jsonl", "model.pith", "run.json"]);
    const metrics = readFileSync(join(root, first.model.run!, "metrics.jsonl"), "utf8")
      .trim()
      .split("\n");
    expect(metrics).toHaveLength(3);
    expect(Object.keys(JSON.parse(metrics[0]!))).toEqual(["epoch", "step", "loss", "metrics"]);
  });

  test("backends are chosen, and refused, with a reason", async () => {
    const messages: string[] = [];
    await course(tinyRecipe(splits(), { epochs: 1 }), { log: (m) => messages.push(m) });
    expect(messages[0]).toMatch(/^training on (cpu|wasm) \(\w+\): /);
    await expect(course(tinyRecipe(), { backend: "cuda" })).rejects.toMatchObject({ code: "unsupported" });
    if (probe.available)
      await expect(course(tinyRecipe(), { backend: "cpu", isa: "sve" })).rejects.toThrow(
        'isa "sve", expected one of portable',
      );
  });
});

describe("schedules", () => {
  test("values at the ends and the corners", () => {
    expect([0, 50, 100].map((s) => cosine()(s, 100))).toEqual([1, expect.closeTo(0.5, 12), expect.closeTo(0, 12)]);
    expect(cosine({ warmup: 0.1 })(4, 100)).toBeCloseTo(0.5, 12);
    expect([0, 49, 50, 75].map((s) => stepRate({ at: [0.5, 0.75] })(s, 100))).toEqual([
      1,
      1,
      0.1,
      expect.closeTo(0.01, 12),
    ]);
    expect(oneCycle()(0, 100)).toBeCloseTo(0.04, 12);
    expect(oneCycle()(30, 100)).toBeCloseTo(1, 12);
    expect(oneCycle()(100, 100)).toBeCloseTo(1e-4, 12);
  });
});
