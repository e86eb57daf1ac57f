import { NATIVE_TARGETS } from "../../../targets/index.ts";
import { defineCommand } from "../command.ts";
import { textTable } from "../text-table.ts";

export const targets = defineCommand({
  usage: "targets",
  about: "Lists the targets of pith compile.",
  examples: [["pith targets --json", ""]],
  positionals: {},
  options: {},
  async run() {
    const rows = [
      { name: "wasm", about: "portable WebAssembly: Node, browsers, workers; the specification of the model" },
      ...Object.values(NATIVE_TARGETS).map(({ name, about }) => ({ name, about })),
    ].map((row) => ({ ...row, supported: true }));
    return {
      result: { targets: rows },
      text: textTable(
        ["target", "what"],
        rows.map((r) => [r.name, r.about]),
      ),
    };
  },
});
