import { basename, extname, join } from "node:path";
import { compileModel } from "../../../sdk/compile/compile.ts";
import { PithError } from "../../../sdk/error.ts";
import { identifierOf, isIdentifier } from "../../../sdk/model.ts";
import { TARGET_NAMES, targetNamed } from "../../../targets/index.ts";
import { reportText } from "../../report/build-text.ts";
import { buildFiles } from "../build-files.ts";
import { defineCommand } from "../command.ts";
import { openModel } from "../load-model.ts";
import { byteSize } from "../values.ts";
import { writeWhole } from "../write-file.ts";

export const compile = defineCommand({
  usage: "compile <model>",
  about:
    "Compiles a model: always the portable module, and native code where the target asks for it. Fails with exit 3 when a budget is not met.",
  examples: [
    [
      "pith compile exercise-int8.pith --target cortex-m4 --flash 64k --ram 16k -o build",
      "an image for a board, within budgets",
    ],
    ["pith compile exercise-int8.pith --target wasm -o build --json", "the portable module and its report"],
  ],
  positionals: { model: { type: "string", demandOption: true, describe: "a .pith or .tflite model" } },
  options: {
    target: { type: "string", demandOption: true, requiresArg: true, describe: TARGET_NAMES.join(", ") },
    output: { alias: "o", type: "string", demandOption: true, requiresArg: true, describe: "folder for the build" },
    flash: { type: "string", requiresArg: true, describe: "most flash allowed, such as 64k" },
    ram: { type: "string", requiresArg: true, describe: "most RAM allowed, such as 16k" },
    name: { type: "string", requiresArg: true, describe: "symbol prefix (default: the model's name)" },
    patch: {
      type: "boolean",
      default: false,
      describe: "least RAM: run leading layers by bands of rows (done anyway where --ram needs it)",
    },
    "class-only": {
      type: "boolean",
      default: false,
      describe: "the class instead of scores: a softmax output becomes the arg max of its input",
    },
    measure: {
      type: "boolean",
      default: true,
      describe: "count instructions and compare bytes where possible (--no-measure skips)",
    },
  },
  async run(args, context) {
    const target = targetNamed(args.target);
    const [flash, ram] = [byteSize("--flash", args.flash), byteSize("--ram", args.ram)];
    if (args.name !== undefined && !isIdentifier(args.name))
      throw new PithError("usage", `--name: "${args.name}", expected a C identifier (letters, digits, _; at most 48)`);
    const model = openModel(args.model);
    const name =
      args.name ?? (model.name === "model" ? identifierOf(basename(args.model, extname(args.model))) : model.name);
    const build = await compileModel(model, {
      target,
      name,
      flash,
      ram,
      patch: args.patch,
      classOnly: args["class-only"],
      measure: args.measure,
    });
    const files = buildFiles(build);
    for (const [file, content] of files) writeWhole(join(args.output, file), content);
    for (const note of build.report.notes) context.log(note);
    return {
      result: { ...build.report, name, output: args.output, files: [...files.keys()] },
      text: `${reportText(build.report)}\n\n${args.output}: ${[...files.keys()].join(", ")}`,
    };
  },
});
