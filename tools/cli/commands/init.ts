import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { PithError } from "../../../sdk/error.ts";
import { version } from "../../../sdk/version.ts";
import { defineCommand } from "../command.ts";
import { writeWhole } from "../write-file.ts";

export const init = defineCommand({
  usage: "init <dir>",
  about:
    "Starts a project: package.json, tsconfig.json, a model that trains on the simulated motor, and a script that ships it.",
  examples: [["pith init my-sensor", "then: cd my-sensor && npm install && npx pith train model.ts -o model.pith"]],
  positionals: { dir: { type: "string", demandOption: true, describe: "a new or empty folder" } },
  options: {},
  async run({ dir }) {
    if (existsSync(dir) && readdirSync(dir).length > 0)
      throw new PithError("usage", `init: ${dir} is not empty, expected a new or empty folder`);
    mkdirSync(dir, { recursive: true });
    const files = projectFiles(basename(resolve(dir)));
    for (const [name, content] of Object.entries(files)) writeWhole(join(dir, name), content);
    return {
      result: { dir, files: Object.keys(files) },
      text: `${dir}: ${Object.keys(files).join(", ")}\nnext: cd ${dir} && npm install && npx pith train model.ts -o model.pith`,
    };
  },
});

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

function projectFiles(name: string): Readonly<Record<string, string>> {
  return {
    "package.json": json({
      name:
        name
          .toLowerCase()
          .replace(/[^a-z0-9-_.]+/g, "-")
          .replace(/^[-_.]+/, "") || "model",
      private: true,
      type: "module",
      scripts: { train: "pith train model.ts -o model.pith", ship: "node ship.ts" },
      dependencies: { pith: `^${version}` },
      devDependencies: { typescript: "^7.0.2" },
    }),
    "tsconfig.json": json({
      compilerOptions: {
        target: "es2022",
        module: "nodenext",
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        verbatimModuleSyntax: true,
        skipLibCheck: true,
      },
    }),
    ".gitignore": "node_modules/\nruns/\nbuild/\n.pith/\n",
    "model.ts": MODEL,
    "ship.ts": SHIP,
  };
}

const MODEL = `// pith train model.ts --seed 1 -o model.pith
import { input, model, recipe } from "pith";
import { accuracy, adamW, batchNorm, conv1d, crossEntropy, dense, dropout, meanOverTime, relu, sequential, standardize } from "pith/nn";
import { simulateMotor } from "pith/data";

// Replace with your own recordings: windows("recordings.csv", { input, columns, label, group, split, length, hop }).
const data = simulateMotor();
const block = (filters: number, kernel: number) => sequential([conv1d({ filters, kernel, stride: 2 }), batchNorm(), relu]);
const network = sequential([standardize(data.train), block(12, 9), block(16, 5), block(24, 3), meanOverTime, dropout(0.2), dense(5, { name: "head" })]);
const motor = model({ accel: input("f32", [200, 3], { unit: "g" }) }, ({ accel }) => ({ logits: network(accel) }), { labels: data.train.classes });

export default recipe({
  model: motor,
  data,
  loss: ({ logits }, { label }) => crossEntropy(logits, label),
  metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
  optimizer: adamW({ rate: 4e-3, weightDecay: 1e-2 }),
  epochs: 20,
  batch: 32,
});
`;

const SHIP = `// node ship.ts
import { compile, connect, quantize, train } from "pith";
import plan from "./model.ts";

const run = train(plan, { seed: 1 });
for await (const { epoch, loss, metrics } of run) console.log(epoch, loss, metrics["accuracy"]);
const int8 = await quantize(await run.model, { calibrate: plan.data.train });
const build = await compile(int8, { target: "host" });

const device = await connect({ board: "virtual" });
try {
  const slot = await device.flash(build);
  const { inputs } = plan.data.test.at(0);
  console.log(await slot.infer(inputs));
} finally {
  await device.close();
}
`;
