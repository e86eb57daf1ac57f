/**
 * npm run bench:har [seeds] [backend]: examples/exercise.ts for so many seeds (5), float and int8 on its test recordings.
 * Writes bench/results/har-exercise.json. Exits 1 where the mean is below 95 % or int8 loses more than one window.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { BACKENDS } from "../sdk/train/backends/backend.ts";
import type { BackendChoice } from "../sdk/train/backends/choose.ts";
import { isRecipe } from "../sdk/train/recipe.ts";
import { loadUserModule } from "../tools/cli/load-user-module.ts";
import { figuresOf, type SeedFigures } from "./exercise-figures.ts";

const LEAST_MEAN = 0.95;
const MOST_LOST = 1;

const [seedText = "5", backendText = "auto"] = process.argv.slice(2);
const seeds = Number(seedText);
if (!Number.isInteger(seeds) || seeds < 1) throw new Error(`bench:har: seeds "${seedText}", expected a count`);
const choices: readonly BackendChoice[] = ["auto", ...BACKENDS];
const backend = choices.find((name) => name === backendText);
if (!backend) throw new Error(`bench:har: backend "${backendText}", expected one of ${choices.join(", ")}`);
if (!process.env["PITH_DATA"])
  throw new Error("bench:har: PITH_DATA is not set, expected the folder that holds datasets/");

const plan = await loadUserModule("examples/exercise.ts");
if (!isRecipe(plan)) throw new Error("bench:har: examples/exercise.ts is no recipe");
const figures: SeedFigures[] = [];
for (let seed = 1; seed <= seeds; seed++) {
  const found = await figuresOf(plan, seed, { backend });
  figures.push(found);
  console.log(
    `seed ${seed}: float ${found.float}, int8 ${found.int8} of ${found.windows}; train ${found.trainSeconds} s, quantize ${found.quantizeSeconds} s`,
  );
}
const meanOf = (of: (f: SeedFigures) => number): number => figures.reduce((sum, f) => sum + of(f), 0) / figures.length;
const float = meanOf((f) => f.float / f.windows);
const int8 = meanOf((f) => f.int8 / f.windows);
const lost = Math.max(...figures.map((f) => f.float - f.int8));
console.log(
  `mean of ${seeds}: float ${(float * 100).toFixed(2)} %, int8 ${(int8 * 100).toFixed(2)} %; int8 loses at most ${lost}`,
);
const result = {
  date: new Date().toISOString().slice(0, 10),
  recipe: "examples/exercise.ts",
  epochs: plan.epochs,
  backend,
  processors: availableParallelism(),
  load: Math.round(loadavg()[0]! * 10) / 10,
  mean: { float, int8 },
  mostLost: lost,
  classes: plan.data.train.classes ?? [],
  seeds: figures,
};
mkdirSync("bench/results", { recursive: true });
writeFileSync("bench/results/har-exercise.json", `${JSON.stringify(result, null, 2)}\n`);
if (seeds >= 5 && (float < LEAST_MEAN || lost > MOST_LOST)) process.exitCode = 1;
