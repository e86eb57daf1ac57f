import { defineCommand } from "../command.ts";
import { textTable } from "../text-table.ts";

export const ports = defineCommand({
  usage: "ports",
  about: "Lists the serial ports of this machine.",
  examples: [["pith ports", ""], ["pith flash build --port /dev/ttyACM0", "use one of them"]],
  positionals: {},
  options: {},
  async run() {
    const { SerialPort } = await import("serialport");
    const found = await SerialPort.list();
    const ports = found.map((p) => ({ path: p.path, maker: p.manufacturer ?? null, serial: p.serialNumber ?? null, vendor: p.vendorId ?? null, product: p.productId ?? null }));
    return {
      result: { ports },
      text: ports.length > 0 ? textTable(["port", "maker", "serial"], ports.map((p) => [p.path, p.maker, p.serial])) : "no serial ports (is the board plugged in?)",
    };
  },
});
