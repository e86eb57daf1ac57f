import { loadData } from "../../../sdk/data/load.ts";
import { loadModule } from "../../../sdk/runtime/module.ts";
import { classify } from "../classify.ts";
import { defineCommand } from "../command.ts";
import { moduleOf } from "../infer-module.ts";
import { openModelOrModule } from "../load-model.ts";
import { textTable } from "../text-table.ts";
import { oneOf } from "../values.ts";

export const evaluate = defineCommand({
  usage: "eval <model>",
  about:
    "Accuracy and confusion matrix of a model on labelled data. The model runs as the portable module, the same bytes as on a device.",
  examples: [
    ["pith eval exercise-int8.pith --data har-exercise", "the test split of a named data set"],
    ["pith eval build/model.wasm --data held-out.npz", "arrays named as the inputs, and label"],
  ],
  positionals: {
    model: { type: "string", demandOption: true, describe: "a .pith or .tflite model or a compiled .wasm module" },
  },
  options: {
    data: { type: "string", demandOption: true, requiresArg: true, describe: "name of a data set, or a .npz file" },
    split: { type: "string", default: "test", requiresArg: true, describe: "train, test or validation" },
  },
  async run(args, context) {
    const split = oneOf("--split", args.split, ["train", "test", "validation"]);
    const opened = openModelOrModule(args.model);
    const module = opened.kind === "module" ? await loadModule(opened.wasm) : await moduleOf(opened.model);
    const data = await loadData(args.data, { inputs: module.manifest.inputs.map((p) => p.name) });
    const part = data[split] ?? data.test;
    const { confusion, ...found } = classify(module, part, (done) =>
      context.progress.update("eval", done / part.length),
    );
    const names = confusion.map((_, i) => part.classes?.[i] ?? module.manifest.labels?.[i] ?? String(i));
    return {
      result: {
        data: data.name,
        split,
        samples: found.samples,
        correct: found.correct,
        accuracy: found.accuracy,
        classes: names,
        confusion,
      },
      text: [
        `accuracy ${(found.accuracy * 100).toFixed(2)} % (${found.correct} of ${found.samples}, ${data.name} ${split})`,
        "",
        textTable(
          ["is \\ said", ...names],
          confusion.map((row, i) => [names[i]!, ...row]),
        ),
      ].join("\n"),
    };
  },
});
