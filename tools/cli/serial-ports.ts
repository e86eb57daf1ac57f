/** Serial ports of this machine, as serialport lists them; without udev (containers) the device files themselves. */
import { readdirSync } from "node:fs";

export interface SerialPortInfo {
  readonly path: string;
  readonly maker: string | null;
  readonly serial: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
}

export async function serialPorts(): Promise<readonly SerialPortInfo[]> {
  const { SerialPort } = await import("serialport");
  try {
    const found = await SerialPort.list();
    return found.map((p) => ({
      path: p.path,
      maker: p.manufacturer ?? null,
      serial: p.serialNumber ?? null,
      vendor: p.vendorId ?? null,
      product: p.productId ?? null,
    }));
  } catch (error) {
    // SerialPort.list asks udevadm on Linux.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    const names = readdirSync("/dev").filter((name) => /^tty(ACM|USB)\d+$/.test(name));
    return names.map((name) => ({ path: `/dev/${name}`, maker: null, serial: null, vendor: null, product: null }));
  }
}
