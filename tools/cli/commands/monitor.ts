import { PithError } from "../../../sdk/error.ts";
import { connectionOf } from "../board-names.ts";
import { defineCommand } from "../command.ts";

export const monitor = defineCommand({
  usage: "monitor",
  about:
    "Follows the telemetry of a device: distance from the training data for each monitor, and alarms with a stated false-alarm rate.",
  examples: [
    ["pith monitor --port /dev/ttyACM0 --store telemetry", "in the terminal, kept on disk"],
    ["pith monitor --port /dev/ttyACM0 --once --fail-on-drift", "for scripts: exit 4 on an alarm"],
  ],
  positionals: {},
  options: {
    port: { type: "string", requiresArg: true, describe: "serial port" },
    board: { type: "string", requiresArg: true, describe: "a board that pith starts itself" },
    mqtt: { type: "string", requiresArg: true, describe: "broker URL" },
    store: { type: "string", requiresArg: true, describe: "folder that keeps frames and alarms" },
    http: { type: "number", requiresArg: true, describe: "serve a live page on this port" },
    once: { type: "boolean", default: false, describe: "read once and end" },
    "fail-on-drift": { type: "boolean", default: false, describe: "exit 4 when an alarm is raised" },
  },
  async run(args) {
    for (const later of ["mqtt", "http"] as const)
      if (args[later] !== undefined)
        throw new PithError("unsupported", `--${later}: not supported in this version, expected --port`);
    connectionOf("pith monitor", args);
    throw new PithError("unsupported", "pith monitor: the device link is not part of this build");
  },
});
