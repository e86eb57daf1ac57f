import { PithError } from "../../../sdk/error.ts";
import { loadModule } from "../../../sdk/runtime/module.ts";
import { DriftMonitor } from "../../../sdk/telemetry/alarms.ts";
import { decodeFrame } from "../../../sdk/telemetry/frame.ts";
import { type MonitorLayout, parseLayout } from "../../../sdk/telemetry/layout.ts";
import { FrameStore } from "../../../sdk/telemetry/store.ts";
import { renderAlarm, renderReport } from "../../../sdk/telemetry/terminal.ts";
import { defineCommand } from "../command.ts";
import { connect, placeOf } from "../connect.ts";
import { recallManifest } from "../known-manifests.ts";
import { readInput } from "../load-model.ts";
import { integer } from "../values.ts";

export const monitor = defineCommand({
  usage: "monitor",
  about:
    "Follows the telemetry of a device: counts of its monitors, drift tests with a stated false-alarm rate, alarms. Ends with Ctrl-C, or after --windows.",
  examples: [
    ["pith monitor --port /dev/ttyACM0 --store telemetry", "in the terminal, frames kept on disk"],
    ["pith monitor --port /dev/ttyACM0 --windows 1 --fail-on-drift", "for scripts: exit 4 on an alarm"],
  ],
  positionals: {},
  options: {
    port: { type: "string", requiresArg: true, describe: "serial port" },
    board: { type: "string", requiresArg: true, describe: "a board that pith starts itself" },
    mqtt: { type: "string", requiresArg: true, describe: "broker URL" },
    http: { type: "number", requiresArg: true, describe: "serve a live page on this port" },
    model: {
      type: "string",
      requiresArg: true,
      describe: "the module of the build that runs there (default: what was flashed from this folder)",
    },
    store: { type: "string", requiresArg: true, describe: "folder that keeps every frame" },
    window: { type: "number", requiresArg: true, describe: "inferences in a test window" },
    "independent-every": {
      type: "number",
      default: 1,
      requiresArg: true,
      describe: "inferences that bring one independent sample: window length over hop",
    },
    windows: { type: "number", requiresArg: true, describe: "end after so many test windows" },
    "fail-on-drift": { type: "boolean", default: false, describe: "exit 4 when an alarm is raised" },
  },
  async run(args, context) {
    for (const later of ["mqtt", "http"] as const)
      if (args[later] !== undefined)
        throw new PithError("unsupported", `--${later}: not supported in this version, expected --port or --board`);
    const place = placeOf("pith monitor", args);
    const window = integer("--window", args.window, 1);
    const windows = integer("--windows", args.windows, 1);
    const device = await connect(place, context);
    const info = await device.info();
    const layout = await layoutOf(args.model, info.manifestHash);
    const drift = new DriftMonitor(layout, {
      independentEvery: integer("--independent-every", args["independent-every"], 1)!,
      ...(window === undefined ? {} : { window }),
    });
    const store = args.store === undefined ? undefined : new FrameStore(args.store);
    if (store) context.cleanup(() => store.close());
    for await (const bytes of device.telemetry({ signal: context.signal })) {
      store?.append({ device: info.board, receivedMs: Date.now(), frame: bytes });
      const { counts, samples } = decodeFrame(bytes, layout.words);
      for (const alarm of drift.update(counts, samples)) context.print(renderAlarm(alarm));
      context.progress.update(
        "monitor",
        0,
        `${drift.inferences} inferences, ${drift.windows} windows, ${drift.alarms.length} alarms`,
      );
      if (windows !== undefined && drift.windows >= windows) break;
      if (args["fail-on-drift"] && drift.alarms.length > 0) break;
    }
    const report = drift.report();
    const first = report.alarms[0];
    const text = renderReport(report);
    if (!(args["fail-on-drift"] && first)) return { result: report, text };
    return {
      result: report,
      text,
      failure: new PithError(
        "drift",
        `pith monitor: ${first.monitor} ${first.feature} raised ${report.alarms.length} alarms, the first in window ${first.windows}`,
        { alarms: report.alarms },
      ),
    };
  },
});

/** The layout of the module that was named, or of what this project flashed. */
async function layoutOf(path: string | undefined, hash: number): Promise<MonitorLayout> {
  const manifest =
    path === undefined
      ? recallManifest(hash)
      : (await loadModule(readInput(path, "a module made by pith compile"))).manifest;
  if (manifest.monitors.bytes === 0)
    throw new PithError(
      "data",
      `${path ?? manifest.name}: the model has no monitors, expected one quantized with --monitors default`,
    );
  return parseLayout(manifest.monitors.layout);
}
