import { join } from "node:path";
import { compileModel } from "../../../sdk/compile/compile.ts";
import { PithError } from "../../../sdk/error.ts";
import { targetNamed } from "../../../targets/index.ts";
import { defineCommand } from "../command.ts";
import { openModel } from "../load-model.ts";
import { oneOf } from "../values.ts";
import { writeWhole } from "../write-file.ts";

const FORMATS = ["c", "tflite", "onnx", "arduino", "zephyr", "esp-idf"] as const;

export const exportModel = defineCommand({
  usage: "export <model>",
  about: "Writes a model for other build systems. This version writes C: one .c and one .h, no heap, no library.",
  examples: [
    ["pith export exercise-int8.pith --format c -o model", "portable C99"],
    ["pith export exercise-int8.pith --format c --target cortex-m4 -o model", "C99 with the DSP instructions of an M4"],
  ],
  positionals: { model: { type: "string", demandOption: true, describe: "a .pith or .tflite model" } },
  options: {
    format: { type: "string", demandOption: true, requiresArg: true, describe: FORMATS.join(", ") },
    target: { type: "string", default: "host", requiresArg: true, describe: "whose instructions the C may use" },
    output: { alias: "o", type: "string", demandOption: true, requiresArg: true, describe: "folder to write" },
  },
  async run(args) {
    const format = oneOf("--format", args.format, FORMATS);
    if (format !== "c")
      throw new PithError("unsupported", `--format ${format}: not supported in this version, expected c`);
    const model = openModel(args.model);
    const target = targetNamed(args.target);
    if (!target)
      throw new PithError("usage", "--target wasm: has no C form, expected host or a core (pith targets lists them)");
    const { name, native } = await compileModel(model, { target, measure: false });
    if (!native) throw new PithError("internal", `export: target ${target.name} made no C`);
    const files = [`${name}.c`, `${name}.h`];
    writeWhole(join(args.output, files[0]!), native.c);
    writeWhole(join(args.output, files[1]!), native.h);
    return {
      result: { format, target: target.name, output: args.output, files },
      text: `${args.output}: ${files.join(", ")}`,
    };
  },
});
