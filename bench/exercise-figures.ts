/** One seed of har-exercise from recipe to int8: what the bench prints and the test bounds. */
import { performance } from "node:perf_hooks";
import { quantize } from "../sdk/quantize/quantized.ts";
import type { BackendChoice } from "../sdk/train/backends/choose.ts";
import type { Recipe } from "../sdk/train/recipe.ts";
import { train } from "../sdk/train/train.ts";
import { classify } from "../tools/cli/classify.ts";
import { moduleOf } from "../tools/cli/infer-module.ts";

export interface SeedFigures {
  readonly seed: number;
  /** Test windows classified right. */
  readonly float: number;
  readonly int8: number;
  readonly windows: number;
  /** Confusion of the float model, `[label][predicted]`. */
  readonly confusion: readonly (readonly number[])[];
  readonly trainSeconds: number;
  readonly quantizeSeconds: number;
}

export interface FigureOptions {
  readonly backend?: BackendChoice;
  readonly threads?: number;
}

/** Weights of the last epoch; calibrated on the training part; the test part is only counted. */
export async function figuresOf(plan: Recipe, seed: number, options: FigureOptions = {}): Promise<SeedFigures> {
  const { train: reference, test } = plan.data;
  const [model, trainSeconds] = await timed(() => train(plan, { seed, runs: false, ...options }).model);
  const [codes, quantizeSeconds] = await timed(() => quantize(model, { calibrate: reference }));
  const float = classify(await moduleOf(model), test);
  const int8 = classify(await moduleOf(codes), test);
  return {
    seed,
    float: float.correct,
    int8: int8.correct,
    windows: test.length,
    confusion: float.confusion,
    trainSeconds,
    quantizeSeconds,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [value: T, seconds: number]> {
  const started = performance.now();
  const value = await work();
  return [value, Math.round((performance.now() - started) / 100) / 10];
}
