import { defineCommand } from "../command.ts";
import { serialPorts } from "../serial-ports.ts";
import { textTable } from "../text-table.ts";

export const ports = defineCommand({
  usage: "ports",
  about: "Lists the serial ports of this machine.",
  examples: [
    ["pith ports", ""],
    ["pith flash build --port /dev/ttyACM0", "use one of them"],
  ],
  positionals: {},
  options: {},
  async run() {
    const ports = await serialPorts();
    const table = textTable(
      ["port", "maker", "serial"],
      ports.map((p) => [p.path, p.maker, p.serial]),
    );
    return { result: { ports }, text: ports.length > 0 ? table : "no serial ports (is the board plugged in?)" };
  },
});
