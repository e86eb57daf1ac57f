/** `train(recipe, options)`: starts at once; iterate it for epochs, await `.model` for the result. */
import { PithError } from "../error.ts";
import { type RunRecord, startRun } from "../runs/record.ts";
import type { StateValues } from "./backends/backend.ts";
import { type BackendChoice, chooseBackend } from "./backends/choose.ts";
import { openEvaluator, type Scores, scoresOf } from "./evaluate.ts";
import { datasetHash, graphHash, recipeFacts } from "./fingerprint.ts";
import { inferenceForm } from "./forms.ts";
import type { Recipe } from "./recipe.ts";
import { type TrainedModel, trainedModel, withValues } from "./trained.ts";
import { type CheckpointOptions, type Epoch, Trainer } from "./trainer.ts";

export interface TrainOptions {
  /** Keys shuffling, initial values, dropout and augmentation. 0 when absent. */
  readonly seed?: number;
  /** "auto" (cpu, else wasm) when absent. */
  readonly backend?: BackendChoice;
  /** Threads of the cpu backend; results do not depend on it. */
  readonly threads?: number;
  /** Instruction set of the cpu backend: "portable" for bits that every x86 machine shares. */
  readonly isa?: string;
  /** Stops after the current step and saves the checkpoint. */
  readonly signal?: AbortSignal;
  readonly checkpoint?: CheckpointOptions;
  /** Overrides the recipe's. */
  readonly epochs?: number;
  /** Folder of run records, "runs" when absent; false for none. */
  readonly runs?: string | false;
  /** Told which backend runs, and why. */
  readonly log?: (message: string) => void;
  /** Called at most about 20 times a second with the number of steps done. */
  readonly onStep?: (step: number) => void;
}

export interface TrainRun<I extends string, O extends string, M extends string> extends AsyncIterable<Epoch<M>> {
  readonly model: Promise<TrainedModel<I, O>>;
}

export function train<I extends string, O extends string, M extends string>(
  plan: Recipe<I, O, M>,
  options: TrainOptions = {},
): TrainRun<I, O, M> {
  const epochs = new Channel<Epoch>();
  // Names are checked where the recipe is made; the loop works on any names.
  const general: Recipe = { ...plan, ...(options.epochs === undefined ? {} : { epochs: options.epochs }) } as Recipe<
    string,
    string,
    string
  >;
  const model = runTraining(general, options, (epoch) => epochs.push(epoch)).then(
    (trained) => {
      epochs.end();
      return trained;
    },
    (error: unknown) => {
      epochs.fail(error);
      throw error;
    },
  );
  model.catch(() => {}); // who only iterates gets the error there
  return { model, [Symbol.asyncIterator]: () => epochs.read() } as TrainRun<I, O, M>;
}

async function runTraining(
  recipe: Recipe,
  options: TrainOptions,
  report: (epoch: Epoch) => void,
): Promise<TrainedModel> {
  const { seed = 0, log = () => {} } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw new PithError("usage", `train: seed ${seed}, expected an integer in [0, 2^32)`);
  const { backend, reason } = await chooseBackend(options.backend, { threads: options.threads, isa: options.isa });
  log(`training on ${backend.name} (${backend.isa}): ${reason}`);
  const record =
    options.runs === false
      ? undefined
      : startRun(options.runs ?? "runs", "train", runFacts(recipe, seed, backend), {
          append: options.checkpoint?.resume === true,
        });
  const trainer = await Trainer.open(recipe, backend, {
    seed,
    signal: options.signal,
    checkpoint: options.checkpoint,
    onStep: options.onStep,
  });
  try {
    while (!trainer.finished) {
      const epoch = await trainer.epoch();
      const { examplesPerSecond: _, ...decided } = epoch; // a repeated run writes the same bytes
      record?.metrics(decided);
      report(epoch);
    }
    const values = trainer.values();
    const test = await scoresOn(recipe, backend, values);
    return finish(recipe, values, test, record, seed);
  } finally {
    trainer.close();
  }
}

const runFacts = (
  recipe: Recipe,
  seed: number,
  backend: { name: string; isa: string },
): Readonly<Record<string, unknown>> => ({
  graph: graphHash(recipe.model.graph),
  recipe: recipeFacts(recipe),
  data: { train: datasetHash(recipe.data.train), test: datasetHash(recipe.data.test) },
  seed,
  backend: backend.name,
  isa: backend.isa,
});

async function scoresOn(
  recipe: Recipe,
  backend: Parameters<typeof openEvaluator>[2],
  values: StateValues,
): Promise<Scores | undefined> {
  const { test } = recipe.data;
  if (test.length === 0) return undefined;
  const evaluator = await openEvaluator(recipe.model.graph, test, backend, recipe.batch);
  try {
    return scoresOf(recipe, test, await evaluator.run(values));
  } finally {
    evaluator.close();
  }
}

function finish(
  recipe: Recipe,
  values: StateValues,
  test: Scores | undefined,
  record: RunRecord | undefined,
  seed: number,
): TrainedModel {
  const { name, labels, provenance, graph } = recipe.model;
  const model = trainedModel({
    name,
    graph: withValues(inferenceForm(graph), values),
    labels,
    run: record?.id,
    provenance: { ...provenance, seed, epochs: recipe.epochs, batch: recipe.batch, ...(test ? { test } : {}) },
  });
  record?.finish({ test: test ?? null }, model);
  return model;
}

/** Values from one producer to one reader, kept until they are read. */
class Channel<T> {
  readonly #queue: T[] = [];
  #state:
    | { readonly kind: "open" }
    | { readonly kind: "ended" }
    | { readonly kind: "failed"; readonly error: unknown } = { kind: "open" };
  #wake: () => void = () => {};

  push(value: T): void {
    this.#queue.push(value);
    this.#wake();
  }
  end(): void {
    this.#state = { kind: "ended" };
    this.#wake();
  }
  fail(error: unknown): void {
    this.#state = { kind: "failed", error };
    this.#wake();
  }
  async *read(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.#queue.length > 0) yield this.#queue.shift()!;
      if (this.#state.kind === "ended") return;
      if (this.#state.kind === "failed") throw this.#state.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
