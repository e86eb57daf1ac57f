import { existsSync, rmSync } from "node:fs";
import { basename, extname } from "node:path";
import { PithError } from "../../../sdk/error.ts";
import { identifierOf } from "../../../sdk/model.ts";
import { isRecipe, type Recipe } from "../../../sdk/train/recipe.ts";
import { defineCommand } from "../command.ts";
import { loadUserModule } from "../load-user-module.ts";
import { trainWithProgress } from "../train-with-progress.ts";
import { integer, oneOf } from "../values.ts";

const BACKENDS = ["auto", "reference", "wasm", "cpu", "cuda"] as const;

export const train = defineCommand({
  usage: "train <file>",
  about:
    "Trains the recipe that a TypeScript file exports by default. Ctrl-C saves a checkpoint; the same command with --resume goes on from it.",
  examples: [
    ["pith train exercise.ts --seed 1 -o exercise.pith", ""],
    ["pith train exercise.ts --epochs 5 --backend wasm", "flags override the recipe"],
  ],
  positionals: {
    file: { type: "string", demandOption: true, describe: "a .ts file whose default export is recipe({...})" },
  },
  options: {
    backend: { type: "string", default: "auto", requiresArg: true, describe: BACKENDS.join(", ") },
    epochs: { type: "number", requiresArg: true, describe: "instead of the recipe's" },
    seed: {
      type: "number",
      default: 0,
      requiresArg: true,
      describe: "keys initial values, shuffling, dropout and augmentation",
    },
    threads: { type: "number", requiresArg: true, describe: "of the cpu backend; results do not depend on it" },
    output: { alias: "o", type: "string", requiresArg: true, describe: "default: the file's name with .pith" },
    resume: { type: "boolean", default: false, describe: "go on from the checkpoint beside the output" },
    runs: { type: "string", default: "runs", requiresArg: true, describe: "folder of the run records" },
  },
  async run(args, context) {
    const backend = oneOf("--backend", args.backend, BACKENDS);
    const [epochs, seed, threads] = [
      integer("--epochs", args.epochs, 1),
      integer("--seed", args.seed, 0)!,
      integer("--threads", args.threads, 1),
    ];
    const stem = basename(args.file, extname(args.file));
    const output = args.output ?? `${stem}.pith`;
    const checkpoint = `${output}.checkpoint`;
    if (args.resume && !existsSync(checkpoint))
      throw new PithError(
        "file-missing",
        `${checkpoint}: no such file, expected the checkpoint of a stopped training (leave --resume out to start anew)`,
      );
    const plan = await recipeOf(args.file);
    const started = performance.now();
    const { model, epochs: course } = await trainWithProgress(
      withName(plan, stem),
      {
        seed,
        backend,
        checkpoint: { path: checkpoint, resume: args.resume },
        runs: args.runs,
        ...(epochs === undefined ? {} : { epochs }),
        ...(threads === undefined ? {} : { threads }),
      },
      context,
    );
    await model.save(output);
    rmSync(checkpoint, { force: true });
    const seconds = (performance.now() - started) / 1000;
    const test = model.provenance?.["test"] ?? null;
    return {
      result: { output, run: model.run ?? null, seed, seconds, epochs: course, test },
      text: `${output}: ${course.length} epochs in ${seconds.toFixed(1)} s${scoresText(test)}${model.run ? `, run ${model.run}` : ""}`,
    };
  },
});

async function recipeOf(file: string): Promise<Recipe> {
  const value = await loadUserModule(file);
  if (!isRecipe(value))
    throw new PithError(
      "file-format",
      `${file}: the default export is no recipe, expected export default recipe({...})`,
    );
  return value;
}

/** A model without a name of its own is called after its file: the name becomes the prefix of C symbols. */
const withName = (plan: Recipe, stem: string): Recipe =>
  plan.model.name === "model" ? { ...plan, model: { ...plan.model, name: identifierOf(stem) } } : plan;

function scoresText(test: unknown): string {
  if (
    typeof test !== "object" ||
    test === null ||
    !("metrics" in test) ||
    typeof test.metrics !== "object" ||
    test.metrics === null
  )
    return "";
  return Object.entries(test.metrics)
    .map(([name, value]) => `, test ${name} ${typeof value === "number" ? value.toFixed(4) : String(value)}`)
    .join("");
}
