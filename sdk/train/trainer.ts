/**
 * The loop's state and its arithmetic: which samples a step sees, at what rate, what an epoch adds up to. One
 * instance runs one training; everything that decides bits is a function of (seed, epoch, step).
 */
import { PithError } from "../error.ts";
import type { Backend, RunResult, Session, StateValues } from "./backends/backend.ts";
import { type Checkpoint, loadCheckpoint, type Progress, saveCheckpoint } from "./checkpoint.ts";
import { type Evaluator, openEvaluator, type Scores, scoresOf } from "./evaluate.ts";
import { trainingFingerprint } from "./fingerprint.ts";
import { initialValue } from "./initial.ts";
import { keyOf, permutation } from "./random.ts";
import type { Recipe } from "./recipe.ts";
import { stepProgram } from "./step-graph.ts";

export interface Epoch<M extends string = string> {
  /** From 1. */
  readonly epoch: number;
  /** Steps done since the start. */
  readonly step: number;
  /** Means over this epoch's training batches, as they were seen. */
  readonly loss: number;
  readonly metrics: { readonly [K in M]: number };
  /** Of the validation split, where there is one. */
  readonly validation?: Scores;
  readonly examplesPerSecond: number;
}

export interface CheckpointOptions {
  readonly path: string;
  /** Epochs between checkpoints, 1 when absent. */
  readonly every?: number;
  /** Go on from the file where it exists. */
  readonly resume?: boolean;
}

export interface TrainerOptions {
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly checkpoint?: CheckpointOptions | undefined;
  readonly onStep?: ((step: number) => void) | undefined;
}

const START: Progress = { epoch: 0, stepInEpoch: 0, sums: [], finished: false };

export class Trainer {
  readonly recipe: Recipe;
  readonly stepsPerEpoch: number;
  readonly #options: TrainerOptions;
  readonly #session: Session;
  readonly #evaluator: Evaluator | undefined;
  readonly #fingerprint: string;
  #progress: Progress = START;
  #best: StateValues | undefined;

  private constructor(
    recipe: Recipe,
    options: TrainerOptions,
    session: Session,
    evaluator: Evaluator | undefined,
    fingerprint: string,
  ) {
    this.recipe = recipe;
    this.#options = options;
    this.#session = session;
    this.#evaluator = evaluator;
    this.#fingerprint = fingerprint;
    this.stepsPerEpoch = Math.floor(recipe.data.train.length / recipe.batch);
  }

  /** Plans the step, opens the sessions, sets initial values or those of the checkpoint. */
  static async open(recipe: Recipe, backend: Backend, options: TrainerOptions): Promise<Trainer> {
    const program = stepProgram(recipe, options.seed);
    const fingerprint = trainingFingerprint(program.graph, recipe, options.seed, backend);
    const { path, resume } = options.checkpoint ?? {};
    const from = path !== undefined && resume ? loadCheckpoint(path, fingerprint) : undefined;
    const { validation } = recipe.data;
    const session = await backend.open(program);
    const evaluator = validation && (await openEvaluator(recipe.model.graph, validation, backend, recipe.batch));
    const trainer = new Trainer(recipe, options, session, evaluator, fingerprint);
    const leaves = program.graph.nodes.filter((n) => n.op === "param" || n.op === "state");
    session.writeState(from?.values ?? new Map(leaves.map((n) => [n.name, initialValue(n, options.seed)])));
    if (from) trainer.#restore(from);
    return trainer;
  }

  get finished(): boolean {
    return this.#progress.finished || this.#progress.epoch >= this.recipe.epochs;
  }

  /** Runs what is left of the current epoch. Throws when the signal fires (the checkpoint is saved) or the loss is no number. */
  async epoch(): Promise<Epoch> {
    const { epoch, stepInEpoch } = this.#progress;
    const started = performance.now();
    const result = await this.#run(epoch, stepInEpoch);
    const done = stepInEpoch + result.steps;
    this.#accumulate(result, epoch * this.stepsPerEpoch + stepInEpoch);
    if (done < this.stepsPerEpoch) {
      this.#progress = { ...this.#progress, stepInEpoch: done };
      this.#save();
      const saved = this.#options.checkpoint?.path;
      throw new PithError(
        "training",
        `train: stopped by its signal at step ${epoch * this.stepsPerEpoch + done}, expected ${this.recipe.epochs * this.stepsPerEpoch}${saved ? ` (resume from ${saved})` : ""}`,
        { stopped: true, checkpoint: saved },
      );
    }
    const seconds = (performance.now() - started) / 1000;
    return this.#close(epoch, (result.steps * this.recipe.batch) / seconds);
  }

  /** The values that the model gets: the best ones under early stopping, else the last ones. */
  values(): StateValues {
    return this.#best ?? this.#session.readState();
  }

  close(): void {
    this.#session.close();
    this.#evaluator?.close();
  }

  #restore({ progress, best }: Checkpoint): void {
    this.#progress = progress;
    this.#best = best;
  }

  #run(epoch: number, from: number): Promise<RunResult> {
    const { recipe, stepsPerEpoch } = this;
    const { seed, signal, onStep } = this.#options;
    const order = permutation(recipe.data.train.length, keyOf(seed, "shuffle"), epoch);
    const steps = stepsPerEpoch - from;
    const first = epoch * stepsPerEpoch + from;
    const total = recipe.epochs * stepsPerEpoch;
    const rate = Float32Array.from(
      { length: steps },
      (_, k) => recipe.optimizer.rate * (recipe.schedule?.(first + k, total) ?? 1),
    );
    return this.#session.run({
      steps,
      firstStep: first + 1,
      indices: order.slice(from * recipe.batch, stepsPerEpoch * recipe.batch),
      series: [rate],
      signal,
      onProgress: onStep && ((done) => onStep(first + done)),
    });
  }

  #accumulate({ steps, values }: RunResult, first: number): void {
    const width = 1 + Object.keys(this.recipe.metrics ?? {}).length;
    const sums = this.#progress.sums.length === width ? [...this.#progress.sums] : new Array<number>(width).fill(0);
    for (let k = 0; k < steps; k++) {
      const loss = values[k * width]!;
      if (!Number.isFinite(loss))
        throw new PithError(
          "training",
          `train: the loss is ${loss} at step ${first + k + 1}, expected a finite number (lower the rate of ${this.recipe.optimizer.name}, now ${this.recipe.optimizer.rate}, or look for bad values in the data)`,
          { step: first + k + 1 },
        );
      for (let i = 0; i < width; i++) sums[i]! += values[k * width + i]!;
    }
    this.#progress = { ...this.#progress, sums };
  }

  async #close(epoch: number, examplesPerSecond: number): Promise<Epoch> {
    const [loss, ...metrics] = this.#progress.sums.map((s) => s / this.stepsPerEpoch);
    const names = Object.keys(this.recipe.metrics ?? {});
    const means: Scores = { loss: loss!, metrics: Object.fromEntries(names.map((name, i) => [name, metrics[i]!])) };
    const { validation: data } = this.recipe.data;
    const validation =
      this.#evaluator && data
        ? scoresOf(this.recipe, data, await this.#evaluator.run(this.#session.readState()))
        : undefined;
    const stop = this.#watch(epoch, validation ?? means);
    this.#progress = { epoch: epoch + 1, stepInEpoch: 0, sums: [], best: this.#progress.best, finished: stop };
    const { every = 1 } = this.#options.checkpoint ?? {};
    if ((epoch + 1) % every === 0 || this.finished) this.#save();
    return {
      epoch: epoch + 1,
      step: (epoch + 1) * this.stepsPerEpoch,
      ...means,
      ...(validation ? { validation } : {}),
      examplesPerSecond,
    };
  }

  /** Keeps the best values; true when patience has run out. */
  #watch(epoch: number, scores: Scores): boolean {
    const { earlyStopping } = this.recipe;
    if (!earlyStopping) return false;
    const { patience, metric = "loss", mode = metric === "loss" ? "min" : "max" } = earlyStopping;
    const value = metric === "loss" ? scores.loss : scores.metrics[metric];
    if (value === undefined)
      throw new PithError(
        "usage",
        `earlyStopping: metric "${metric}", expected one of loss, ${Object.keys(scores.metrics).join(", ")}`,
      );
    const { best } = this.#progress;
    if (!best || (mode === "min" ? value < best.value : value > best.value)) {
      this.#progress = { ...this.#progress, best: { value, epoch } };
      this.#best = this.#session.readState();
      return false;
    }
    return epoch - best.epoch >= patience;
  }

  #save(): void {
    const { checkpoint } = this.#options;
    if (!checkpoint) return;
    saveCheckpoint(checkpoint.path, {
      fingerprint: this.#fingerprint,
      progress: this.#progress,
      values: this.#session.readState(),
      best: this.#best,
    });
  }
}
