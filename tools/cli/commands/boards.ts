import { BOARD_NAMES, BOARD_TABLE, hasBoard } from "../board-names.ts";
import { defineCommand } from "../command.ts";
import { textTable } from "../text-table.ts";

export const boards = defineCommand({
  usage: "boards",
  about: "Lists the boards that pith can start itself. Real boards are reached through --port.",
  examples: [["pith boards --json", ""]],
  positionals: {},
  options: {},
  async run() {
    const rows = BOARD_NAMES.map((name) => ({ name, ...BOARD_TABLE[name], supported: hasBoard(name) }));
    return {
      result: { boards: rows },
      text: textTable(
        ["board", "", "target", "what"],
        rows.map((b) => [b.name, b.supported ? "yes" : "later", b.target, b.about]),
      ),
    };
  },
});
