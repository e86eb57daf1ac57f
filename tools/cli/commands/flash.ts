import { existsSync } from "node:fs";
import { PithError } from "../../../sdk/error.ts";
import { connectionOf } from "../board-names.ts";
import { defineCommand } from "../command.ts";

export const flash = defineCommand({
  usage: "flash <build>",
  about:
    "Puts a build on a board: uploads to the free slot, tests, confirms. The old model answers until the new one has proved itself.",
  examples: [
    ["pith flash build --board virtual", "the board of this computer"],
    ["pith flash build --port /dev/ttyACM0", "a real one"],
  ],
  positionals: { build: { type: "string", demandOption: true, describe: "a build folder or a signed image" } },
  options: {
    port: { type: "string", requiresArg: true, describe: "serial port (pith ports lists them)" },
    board: { type: "string", requiresArg: true, describe: "virtual or qemu-m4 (pith boards lists them)" },
    key: { type: "string", requiresArg: true, describe: "signing key (default: the development key of the project)" },
  },
  async run(args) {
    connectionOf("pith flash", args);
    if (!existsSync(args.build))
      throw new PithError(
        "file-missing",
        `${args.build}: no such file or folder, expected a build made by pith compile`,
      );
    throw new PithError("unsupported", "pith flash: the device link is not part of this build");
  },
});
