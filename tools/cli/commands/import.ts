import { defineCommand } from "../command.ts";
import { foreign, readInput } from "../load-model.ts";

export const importModel = defineCommand({
  usage: "import <model>",
  about: "Reads a .tflite or .onnx model into a .pith file. Not in this version yet: it says so and exits 1.",
  examples: [["pith import model.tflite -o model.pith", ""]],
  positionals: { model: { type: "string", demandOption: true, describe: "a .tflite or .onnx file" } },
  options: { output: { alias: "o", type: "string", requiresArg: true, describe: "the .pith file to write" } },
  async run({ model }) {
    readInput(model, "a .tflite or .onnx model");
    throw foreign(model);
  },
});
