/** Serial ports and ptys through npm `serialport`. */
import { readdir } from "node:fs/promises";
import type { SerialPort } from "serialport";
import { PithError } from "../error.ts";
import type { Transport } from "./transport.ts";
import { wait } from "./wait.ts";

export const DEFAULT_BAUD = 115_200;
/** A board that resets over USB is away for this long at most. */
const REOPEN_TIMEOUT_MS = 10_000;
const REOPEN_POLL_MS = 100;
const BITS_PER_BYTE = 10;
/** A port that takes no bytes for this long, beside their time on the line, is stuck: its other end does not read. */
const WRITE_TIMEOUT_MS = 5_000;
/** A pseudo-terminal that is gone stays gone: the same path later is another program's. */
const PTY = /^\/dev\/(pts\/|ttys\d{3})/;
/** Ports that may come back under another path; a pty has no identity. */
const USB_PORT = /tty(ACM|USB)\d|cu\.|tty\.|^COM\d/i;

export interface PortInfo {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
}

/** The serial ports of this machine. */
export async function listPorts(): Promise<PortInfo[]> {
  const { SerialPort } = await import("serialport");
  try {
    const ports = await SerialPort.list();
    return ports.map(({ path, manufacturer, serialNumber, vendorId, productId }) => ({
      path,
      manufacturer,
      serialNumber,
      vendorId,
      productId,
    }));
  } catch {
    // Without udev there is nothing but names.
    const names = await readdir("/dev").catch(() => []);
    return names.filter((name) => /^tty(ACM|USB)\d+$/.test(name)).map((name) => ({ path: `/dev/${name}` }));
  }
}

export async function openSerial(options: { port: string; baud?: number }): Promise<Transport> {
  const transport = new SerialTransport(options.port, options.baud ?? DEFAULT_BAUD);
  await transport.open();
  return transport;
}

class SerialTransport implements Transport {
  readonly #baud: number;
  #path: string;
  #port: SerialPort | undefined;
  #opening: Promise<void> | undefined;
  #identity: PortInfo | undefined;
  #listener: (bytes: Uint8Array) => void = () => {};
  #closed = false;

  constructor(path: string, baud: number) {
    this.#path = path;
    this.#baud = baud;
  }

  get name(): string {
    return this.#path;
  }

  get bytesPerSecond(): number {
    return this.#baud / BITS_PER_BYTE;
  }

  listen(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
  }

  async open(): Promise<void> {
    const { SerialPort } = await import("serialport");
    const port = new SerialPort({ path: this.#path, baudRate: this.#baud, autoOpen: false });
    port.on("data", (bytes: Uint8Array) => this.#listener(bytes));
    // Failures reach the callbacks; without a listener the event would end the process.
    port.on("error", () => {});
    port.on("close", () => {
      if (this.#port === port) this.#port = undefined;
    });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error ? reject(openError(this.#path, error)) : resolve()));
    });
    if (this.#closed) {
      await closePort(port);
      throw lost(this.#path, "the link was closed");
    }
    this.#port = port;
    if (this.#identity === undefined && USB_PORT.test(this.#path))
      this.#identity = (await listPorts()).find(({ path }) => path === this.#path);
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (this.#closed) throw lost(this.#path, "the link was closed");
    if (this.#port === undefined) {
      if (PTY.test(this.#path)) throw lost(this.#path, "the pseudo-terminal is gone");
      this.#opening ??= this.#reopen(signal).finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
    const port = this.#port;
    if (port === undefined) throw lost(this.#path, "the port is gone");
    await new Promise<void>((resolve, reject) => {
      // The stream does not always answer through the callback, so a loss of the port ends the wait too.
      const settle = (problem: string | undefined): void => {
        clearTimeout(timer);
        port.off("close", onClose);
        if (problem === undefined) resolve();
        else reject(lost(this.#path, problem));
      };
      const onClose = (): void => settle("the port went away");
      const limitMs = WRITE_TIMEOUT_MS + (1000 * bytes.length) / this.bytesPerSecond;
      const timer = setTimeout(() => settle(`no byte taken for ${(limitMs / 1000).toFixed(1)} s`), limitMs);
      port.once("close", onClose);
      port.write(Buffer.from(bytes), (error) => settle(error?.message));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening?.catch(() => {});
    const port = this.#port;
    this.#port = undefined;
    if (port !== undefined) await closePort(port);
  }

  async #reopen(signal: AbortSignal | undefined): Promise<void> {
    for (const deadline = Date.now() + REOPEN_TIMEOUT_MS; ; ) {
      try {
        await this.#follow();
        return await this.open();
      } catch (error) {
        if (this.#closed || Date.now() > deadline) throw error;
        await wait(REOPEN_POLL_MS, signal);
      }
    }
  }

  /** A USB board may come back as another port: its serial number says which. */
  async #follow(): Promise<void> {
    const was = this.#identity;
    if (was?.serialNumber === undefined) return;
    const same = (await listPorts()).filter(
      ({ serialNumber, vendorId, productId }) =>
        serialNumber === was.serialNumber && vendorId === was.vendorId && productId === was.productId,
    );
    if (same.length === 1 && same[0]) this.#path = same[0].path;
  }
}

async function closePort(port: SerialPort): Promise<void> {
  if (!port.isOpen) return;
  await new Promise<void>((resolve) => port.close(() => resolve()));
}

function lost(path: string, received: string): PithError {
  return new PithError(
    "link",
    `port ${path}: ${received}, expected an open port (check the cable, then connect again)`,
  );
}

/** Explains why a port did not open, with what to do about it. */
export function openError(path: string, { message }: Error): PithError {
  const [received, expected, hint] = /permission denied|access denied|EACCES|EPERM/i.test(message)
    ? [
        "permission denied",
        "a port that this user may open",
        "join its group: sudo usermod -aG dialout $USER, then log in again; or add a udev rule with MODE=0660, TAG+=uaccess for the board",
      ]
    : /no such file|ENOENT|not found|cannot find/i.test(message)
      ? ["there is no such port", "one that pith ports lists", "plug the board in, or start it"]
      : /lock|busy|EBUSY|temporarily unavailable|EAGAIN/i.test(message)
        ? [
            "another program has it open",
            "a free port",
            "close that program; on Linux ModemManager may hold a new port for some seconds",
          ]
        : /not a tty|inappropriate ioctl|ENOTTY|not a character/i.test(message)
          ? ["this is no serial port", "a tty or a pty", "name one that pith ports lists"]
          : [message, "an open port", "check the cable and the path"];
  return new PithError("link", `port ${path}: ${received}, expected ${expected} (${hint})`);
}
