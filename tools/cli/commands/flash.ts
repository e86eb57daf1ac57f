import { existsSync } from "node:fs";
import { developmentKey, loadKeyFile } from "../../../sdk/device/keys.ts";
import { PithError } from "../../../sdk/error.ts";
import { defineCommand } from "../command.ts";
import { connect, placeOf } from "../connect.ts";
import { imageFrom } from "../device-image.ts";
import { rememberManifest } from "../known-manifests.ts";
import { grouped } from "../text-table.ts";
import { integer } from "../values.ts";

export const flash = defineCommand({
  usage: "flash <build>",
  about:
    "Puts a build on a board: uploads to the free slot, tests, confirms. The old model answers until the new one has proved itself.",
  examples: [
    ["pith flash build --board virtual", "the board of this computer"],
    ["pith flash build --port /dev/ttyACM0 --key release.key", "a real one"],
  ],
  positionals: {
    build: { type: "string", demandOption: true, describe: "a build folder, a payload or a signed image" },
  },
  options: {
    port: { type: "string", requiresArg: true, describe: "serial port (pith ports lists them)" },
    board: { type: "string", requiresArg: true, describe: "virtual or qemu-m4 (pith boards lists them)" },
    key: { type: "string", requiresArg: true, describe: "signing key (default: the development key of the project)" },
    counter: { type: "number", default: 0, requiresArg: true, describe: "security counter of the image" },
  },
  async run(args, context) {
    const place = placeOf("pith flash", args);
    if (!existsSync(args.build))
      throw new PithError(
        "file-missing",
        `${args.build}: no such file or folder, expected a build made by pith compile`,
      );
    const counter = integer("--counter", args.counter, 0)!;
    const path = args.key;
    const key = path === undefined ? developmentKey() : loadKeyFile(path);
    const image = imageFrom(args.build, () => key, counter);
    const device = await connect(place, context, { key });
    const started = performance.now();
    const installed = await device.install(image, {
      signal: context.signal,
      onProgress: ({ sent, total, bytesPerSecond }) =>
        context.progress.update("upload", sent / total, `${(bytesPerSecond / 1024).toFixed(1)} KB/s`),
    });
    rememberManifest(args.build);
    const info = await device.info();
    const seconds = (performance.now() - started) / 1000;
    return {
      result: {
        board: info.board,
        slot: installed.slot,
        hash: Buffer.from(installed.hash).toString("hex"),
        bytes: image.length,
        wasActive: installed.wasActive,
        seconds,
      },
      text: `${info.board}: slot ${"AB"[installed.slot] ?? installed.slot} ${installed.wasActive ? "had it already" : "active and confirmed"}, ${grouped(image.length)} bytes in ${seconds.toFixed(1)} s`,
    };
  },
});
