import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { encodeModel } from "../../../sdk/formats/pith.ts";
import { htmlReport } from "../../report/html.ts";
import { lineText } from "../../report/line-text.ts";
import { boardNamed } from "../board-names.ts";
import { buildFiles } from "../build-files.ts";
import { defineCommand } from "../command.ts";
import { demoLine } from "../demo/demo-line.ts";
import { integer } from "../values.ts";
import { writeWhole } from "../write-file.ts";

export const demo = defineCommand({
  usage: "demo",
  about:
    "The whole line on one data set: train, quantize, compile, flash, infer on the board, drift; then a report here and as HTML.",
  examples: [
    ["pith demo", "har-exercise where $PITH_DATA has it, else the simulated motor"],
    ["pith demo --board qemu-m4", "on an emulated Cortex-M4"],
  ],
  positionals: {},
  options: {
    board: { type: "string", default: "virtual", requiresArg: true, describe: "virtual or qemu-m4" },
    data: { type: "string", requiresArg: true, describe: "har-exercise or motor" },
    seed: { type: "number", default: 1, requiresArg: true, describe: "of the training" },
    output: {
      alias: "o",
      type: "string",
      default: "build/demo",
      requiresArg: true,
      describe: "folder for the report, the models and the build",
    },
  },
  async run(args, context) {
    const board = boardNamed(args.board);
    const seed = integer("--seed", args.seed, 0)!;
    const outcome = await demoLine({ board, data: args.data, seed, runs: join(args.output, "runs") }, context);
    const { report, build } = outcome;
    const html = join(args.output, "report.html");
    writeWhole(html, htmlReport(report));
    writeWhole(join(args.output, "line.json"), `${JSON.stringify(report, undefined, 1)}\n`);
    writeWhole(join(args.output, `${report.model}.pith`), encodeModel(outcome.float));
    writeWhole(join(args.output, `${report.model}-int8.pith`), encodeModel(outcome.int8));
    for (const [name, content] of buildFiles(build)) writeWhole(join(args.output, "build", name), content);
    return {
      result: { ...report, html: resolve(html) },
      text: `\n${lineText(report)}\n\nreport    ${pathToFileURL(resolve(html)).href}`,
    };
  },
});
