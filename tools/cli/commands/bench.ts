import { PithError } from "../../../sdk/error.ts";
import { defineCommand } from "../command.ts";

export const bench = defineCommand({
  usage: "bench [suite]",
  about: "Runs a benchmark suite. This version has none yet: it says so and exits 1.",
  examples: [["pith bench --json", ""]],
  positionals: { suite: { type: "string", describe: "name of the suite" } },
  options: {},
  async run({ suite }) {
    throw new PithError(
      "unsupported",
      `bench${suite ? ` ${suite}` : ""}: no benchmark suites in this version, expected a later one`,
    );
  },
});
