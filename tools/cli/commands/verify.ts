import { loadModule } from "../../../sdk/runtime/module.ts";
import { defineCommand } from "../command.ts";
import { readInput } from "../load-model.ts";

export const verify = defineCommand({
  usage: "verify <module>",
  about: "Checks a compiled module: format, ABI, memory and imports.",
  examples: [["pith verify build/model.wasm", ""]],
  positionals: { module: { type: "string", demandOption: true, describe: "a .wasm module made by pith compile" } },
  options: {},
  async run({ module: path }) {
    const { manifest } = await loadModule(readInput(path, "a module made by pith compile"));
    return {
      result: { name: manifest.name, pith: manifest.pith, memory: manifest.memory },
      text: `${path}: ${manifest.name}, a pith module`,
    };
  },
});
