import { defineCommand } from "../command.ts";
import { isSupported, TARGET_NAMES, TARGET_TABLE } from "../target-names.ts";
import { textTable } from "../text-table.ts";

export const targets = defineCommand({
  usage: "targets",
  about: "Lists the targets of pith compile, and which of them this version has.",
  examples: [["pith targets --json", ""]],
  positionals: {},
  options: {},
  async run() {
    const rows = TARGET_NAMES.map((name) => ({ name, about: TARGET_TABLE[name], supported: isSupported(name) }));
    return {
      result: { targets: rows },
      text: textTable(
        ["target", "", "what"],
        rows.map((r) => [r.name, r.supported ? "yes" : "later", r.about]),
      ),
    };
  },
});
