import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PithError } from "../../../sdk/error.ts";
import { defineCommand } from "../command.ts";
import { textTable } from "../text-table.ts";
import { oneOf } from "../values.ts";

const SUITES = {
  instructions: "executed instructions of the reference models on every emulated core, beside TensorFlow Lite Micro's",
  size: "flash and RAM of the reference models on every core, beside TensorFlow Lite Micro's",
  wasm: "inference in this Node beside tfjs-tflite, LiteRT.js and onnxruntime-web (installed in bench/)",
  host: "native inference on this computer beside onnxruntime-node (installed in bench/)",
} as const satisfies Readonly<Record<string, string>>;
const NAMES = Object.keys(SUITES) as (keyof typeof SUITES)[];

/** Suites stay in the repository: what they compare with is no part of the package. */
const scriptOf = (suite: string): string => fileURLToPath(new URL(`../../../bench/${suite}.js`, import.meta.url));

export const bench = defineCommand({
  usage: "bench [suite]",
  about: "Runs a benchmark suite of the repository beside its peers; without a name, lists the suites.",
  examples: [
    ["pith bench", "the suites"],
    ["pith bench instructions --json", "rows, peers and ratios; a ratio above 1 means that pith is better"],
  ],
  positionals: { suite: { type: "string", describe: NAMES.join(", ") } },
  options: {},
  async run({ suite }, context) {
    if (suite === undefined)
      return {
        result: { suites: NAMES.map((name) => ({ name, about: SUITES[name] })) },
        text: textTable(
          ["suite", "about"],
          NAMES.map((name) => [name, SUITES[name]]),
        ),
      };
    const script = scriptOf(oneOf("suite", suite, NAMES));
    if (!existsSync(script))
      throw new PithError(
        "unsupported",
        `bench ${suite}: suites are not supported in this version's package, expected a clone of pith's repository (npm ci && npm run build)`,
      );
    const stdout = await runSuite(script, context.json, context.signal);
    return context.json ? { result: JSON.parse(stdout) as unknown } : { result: null, text: stdout.trimEnd() };
  },
});

/** What the suite prints on stdout; its progress goes to stderr as it comes. */
function runSuite(script: string, json: boolean, signal: AbortSignal): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [script, ...(json ? ["--json"] : [])], {
      signal,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const parts: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => void parts.push(text));
    child.on("error", fail);
    child.on("close", (status) => {
      if (status === 0) done(parts.join(""));
      else
        fail(new PithError("data", `bench: the suite ended with status ${status}, expected 0 (its words are above)`));
    });
  });
}
