import { examine } from "../../doctor/doctor.ts";
import { defineCommand } from "../command.ts";

export const doctor = defineCommand({
  usage: "doctor",
  about: "Says what this machine has and lacks, what that means, and what to do about it.",
  examples: [
    ["pith doctor", ""],
    ["pith doctor --json", "for bug reports"],
  ],
  positionals: {},
  options: {},
  async run() {
    const checks = await examine();
    const width = Math.max(...checks.map((c) => c.name.length));
    return {
      result: { checks },
      text: checks
        .map(
          (c) =>
            `${c.found ? "ok     " : "missing"}  ${c.name.padEnd(width)}  ${c.found ?? `${c.without}; ${c.remedy}`}`,
        )
        .join("\n"),
    };
  },
});
