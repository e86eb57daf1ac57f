import { PithError } from "../../../sdk/error.ts";
import { defineCommand } from "../command.ts";
import { loadUserModule } from "../load-user-module.ts";
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
  },
  async run(args) {
    oneOf("--backend", args.backend, BACKENDS);
    integer("--epochs", args.epochs, 1);
    integer("--seed", args.seed, 0);
    await loadUserModule(args.file);
    throw new PithError("unsupported", "pith train: training is not part of this build");
  },
});
