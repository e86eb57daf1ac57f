import { loadKeyFile } from "../../../sdk/device/keys.ts";
import { defineCommand } from "../command.ts";
import { signPayload } from "../device-image.ts";
import { readInput } from "../load-model.ts";
import { grouped } from "../text-table.ts";
import { integer } from "../values.ts";
import { writeWhole } from "../write-file.ts";

export const sign = defineCommand({
  usage: "sign <image>",
  about:
    "Makes a signed device image (MCUboot format, SHA-256, Ed25519) of the payload of a build. Refuses the development key.",
  examples: [["pith sign build/model.bin --key release.key -o model.img", ""]],
  positionals: { image: { type: "string", demandOption: true, describe: "the .bin of a build" } },
  options: {
    key: { type: "string", demandOption: true, requiresArg: true, describe: "secret key made by pith keygen" },
    counter: {
      type: "number",
      default: 0,
      requiresArg: true,
      describe: "security counter: devices refuse images with a lower one",
    },
    output: { alias: "o", type: "string", requiresArg: true, describe: "default: the input with .img" },
  },
  async run(args) {
    const counter = integer("--counter", args.counter, 0)!;
    const payload = readInput(args.image, "the .bin of a build");
    const key = loadKeyFile(args.key, { release: true });
    const output = args.output ?? args.image.replace(/(\.bin)?$/, ".img");
    const image = signPayload(payload, key, counter);
    writeWhole(output, image);
    return {
      result: { output, bytes: image.length, counter },
      text: `${output}: ${grouped(image.length)} bytes, security counter ${counter}`,
    };
  },
});
