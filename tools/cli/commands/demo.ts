import { PithError } from "../../../sdk/error.ts";
import { boardNamed } from "../board-names.ts";
import { defineCommand } from "../command.ts";

export const demo = defineCommand({
  usage: "demo",
  about: "The whole line on one data set: train, quantize, compile, flash, infer, drift, report.",
  examples: [
    ["pith demo", ""],
    ["pith demo --board qemu-m4", ""],
  ],
  positionals: {},
  options: {
    board: { type: "string", default: "virtual", requiresArg: true, describe: "virtual or qemu-m4" },
    data: {
      type: "string",
      requiresArg: true,
      describe: "har-exercise or motor (default: har-exercise where $PITH_DATA has it)",
    },
    output: {
      alias: "o",
      type: "string",
      default: "pith-demo",
      requiresArg: true,
      describe: "folder for the report and the build",
    },
  },
  async run(args) {
    boardNamed(args.board);
    throw new PithError("unsupported", "pith demo: not part of this build");
  },
});
