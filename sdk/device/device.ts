/** A pith agent at the end of a link: images, inference, telemetry. */
import { PithError } from "../error.ts";
import { COMMANDS, STATUS, USER_GROUP } from "./commands.ts";
import { bytesOf, type DeviceInfo, type ImageState, parseImages, parseInfo } from "./device-info.ts";
import { parseImage } from "./image.ts";
import { type RequestOptions, SmpClient, type SmpClientOptions } from "./link.ts";
import { openSerial } from "./serial.ts";
import { GROUP, IMAGE, OS, type SmpMap } from "./smp.ts";
import { statusWords } from "./smp-errors.ts";
import { type Frame, readFrame, telemetryFrames } from "./telemetry-link.ts";
import { readBytes, writeBytes } from "./transfer.ts";
import type { Transport } from "./transport.ts";
import { messageLimit, type UploadOptions, uploadImage } from "./upload.ts";
import { wait } from "./wait.ts";

/** From a reset until the device answers again: it verifies the image and runs its self-test in between. */
const RESET_TIMEOUT_MS = 30_000;
const RESET_POLL_MS = 100;
const RESET_PROBE = { attempts: 1, patience: 0.5 };
/** A large model on a slow core, once or a batch of steps. */
const INFER = { patience: 3, attempts: 8 };
/** `test` and `confirm` write the selector record and may verify an image first. */
const STATE = { patience: 5 };
/** Of a peek's response, beside the data. */
const PEEK_OVERHEAD_BYTES = 96;
/** `step` answers for at most this many at once. */
const STEPS_PER_REQUEST = 16;

export interface DeviceOptions extends SmpClientOptions {
  /** Path of a serial port or pty. */
  readonly port: string;
  readonly baud?: number;
}

export interface SignalOption {
  readonly signal?: AbortSignal | undefined;
}

export interface InstallResult {
  readonly slot: number;
  readonly hash: Uint8Array;
  /** The board had it active and confirmed already; nothing was sent. */
  readonly wasActive: boolean;
}

/** Opens a port and checks that a pith agent answers there. */
export async function openDevice({ port, baud, ...options }: DeviceOptions): Promise<Device> {
  const transport = await openSerial({ port, ...(baud !== undefined && { baud }) });
  return connectDevice(transport, options);
}

/** The same over any transport, which the device then owns. */
export async function connectDevice(transport: Transport, options: SmpClientOptions = {}): Promise<Device> {
  const client = new SmpClient(transport, options);
  try {
    return new Device(client, await messageLimit(client));
  } catch (error) {
    await client.close();
    throw error;
  }
}

export class Device {
  readonly client: SmpClient;
  readonly #messageBytes: number;

  constructor(client: SmpClient, messageBytes: number) {
    this.client = client;
    this.#messageBytes = messageBytes;
  }

  async info(options: RequestOptions = {}): Promise<DeviceInfo> {
    return parseInfo(await this.#user("info", "read", new Map(), options));
  }

  async images(options: SignalOption = {}): Promise<ImageState[]> {
    return parseImages(await this.client.request(GROUP.image, IMAGE.state, "read", new Map(), options));
  }

  /** Sends an image to the free slot; an upload that was cut off before goes on where it was. */
  upload(image: Uint8Array, options: UploadOptions = {}): Promise<void> {
    return uploadImage(this.client, image, options);
  }

  /** Has the next start run the image of this hash once. */
  async test(hash: Uint8Array, { signal }: SignalOption = {}): Promise<void> {
    const fields: SmpMap = new Map().set("hash", hash).set("confirm", false);
    const options = { signal, ...STATE };
    await this.client.request(GROUP.image, IMAGE.state, "write", fields, options);
  }

  /** Makes the running image permanent. */
  async confirm({ signal }: SignalOption = {}): Promise<void> {
    const options = { signal, ...STATE };
    await this.client.request(GROUP.image, IMAGE.state, "write", new Map([["confirm", true]]), options);
  }

  /** Restarts the device and waits until it answers with a new boot id. */
  async reset({ signal }: SignalOption = {}): Promise<DeviceInfo> {
    const { bootId } = await this.info({ signal });
    // The answer may be cut off by the reset itself; the boot id tells.
    await this.client
      .request(GROUP.os, OS.reset, "write", new Map(), { signal, attempts: 1 })
      .catch((error: unknown) => ignoreLink(error));
    for (const deadline = Date.now() + RESET_TIMEOUT_MS; Date.now() < deadline; await wait(RESET_POLL_MS, signal)) {
      const probe = { signal, ...RESET_PROBE };
      const info = await this.info(probe).catch((error: unknown) => ignoreLink(error));
      if (info && info.bootId !== bootId) return info;
    }
    throw new PithError(
      "link",
      `${this.client.transport.name}: reset: no new boot id within ${RESET_TIMEOUT_MS / 1000} s, expected a restart (see the device's console)`,
    );
  }

  /** Upload, test, reset, check that this very image is active, confirm. */
  async install(image: Uint8Array, options: UploadOptions = {}): Promise<InstallResult> {
    const { signal } = options;
    const hash = Uint8Array.from(parseImage(image).hash);
    const before = (await this.images({ signal })).find((state) => isSame(state.hash, hash));
    if (before?.isActive && before.isConfirmed) return { slot: before.slot, hash, wasActive: true };
    if (!before?.isActive) {
      await this.upload(image, options);
      await this.test(hash, { signal });
      await this.reset({ signal });
    }
    const active = (await this.images({ signal })).find(({ isActive }) => isActive);
    if (active === undefined || !isSame(active.hash, hash)) {
      const { refused } = await this.info({ signal });
      const [name, about, hint] = statusWords(refused) ?? [undefined, "it went back", "see its console"];
      throw new PithError(
        "device",
        `install: after the reset ${active?.hash ? hex(active.hash) : "no image"} is active, expected ${hex(hash)}: the board refused it: ${about} (${hint})`,
        { status: refused, name },
      );
    }
    await this.confirm({ signal });
    return { slot: active.slot, hash, wasActive: false };
  }

  /** Runs the active model on `input`, the bytes of all its inputs in order; gives those of all its outputs. */
  async inferBytes(input: Uint8Array, { signal }: SignalOption = {}): Promise<Uint8Array> {
    const request = this.#requester("infer", signal);
    const last = await this.#writeInput(input, true, signal);
    return readBytes(request, { dataKey: "out", first: last });
  }

  /** CRC-32 of every step's output on `input`, right after the step ran. */
  async stepCrcs(input: Uint8Array, stepCount: number, { signal }: SignalOption = {}): Promise<number[]> {
    await this.#writeInput(input, false, signal);
    const crcs: number[] = [];
    while (crcs.length < stepCount) {
      const n = Math.min(STEPS_PER_REQUEST, stepCount - crcs.length);
      const fields: SmpMap = new Map([
        ["i", crcs.length],
        ["n", n],
      ]);
      const response = await this.#user("step", "write", fields, { signal, ...INFER });
      const batch = response.get("crc");
      if (!Array.isArray(batch) || batch.length !== n || !batch.every((crc) => typeof crc === "number"))
        throw new PithError(
          "link",
          `device step: "crc" is no list of ${n} numbers, expected one (update pith or the agent)`,
        );
      crcs.push(...batch);
    }
    return crcs;
  }

  /** Bytes of the model's RAM, on development builds only. */
  async peek(offset: number, length: number, { signal }: SignalOption = {}): Promise<Uint8Array> {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const fields: SmpMap = new Map([
        ["off", offset + at],
        ["len", Math.min(length - at, this.#messageBytes - PEEK_OVERHEAD_BYTES)],
      ]);
      const data = bytesOf(await this.#user("step", "read", fields, { signal }), "data", "peek");
      if (data.length === 0 || data.length > length - at)
        throw new PithError(
          "link",
          `device peek: ${data.length} bytes, expected 1 to ${length - at} (update pith or the agent)`,
        );
      out.set(data, at);
      at += data.length;
    }
    return out;
  }

  /** The telemetry frame since `ack`, which tells the device that the frame of that number arrived. */
  readFrame(ack?: number, { signal }: SignalOption = {}): Promise<Frame> {
    return readFrame(this.#requester("telemetry", signal), ack);
  }

  /** Frames as they come, each acknowledged when the next is asked for; ends when `signal` is aborted. */
  telemetry(options: SignalOption & { pollMs?: number } = {}): AsyncIterable<Uint8Array> {
    return telemetryFrames((ack) => this.readFrame(ack, options), options);
  }

  /** Resets the state or the monitors; `fresh` resets the state before every inference. */
  async configure(
    fields: { fresh?: boolean; state?: boolean; monitors?: boolean },
    options: SignalOption = {},
  ): Promise<void> {
    await this.#user("configure", "write", new Map(Object.entries(fields)), options);
  }

  close(): Promise<void> {
    return this.client.close();
  }

  async #writeInput(input: Uint8Array, run: boolean, signal: AbortSignal | undefined): Promise<SmpMap> {
    try {
      return await writeBytes(this.#requester("infer", signal), input, { messageBytes: this.#messageBytes, run });
    } catch (error) {
      const status = error instanceof PithError ? error.details["status"] : undefined;
      if (status !== STATUS.argument[0] && status !== STATUS["no-input"][0]) throw error;
      const { inputBytes } = await this.info({ signal });
      if (inputBytes === input.length) throw error;
      throw new PithError(
        "device",
        `device infer: ${input.length} bytes, expected the ${inputBytes} of all inputs of the active model (is another model flashed?)`,
        { status },
      );
    }
  }

  #user(
    command: keyof typeof COMMANDS,
    op: "read" | "write",
    fields: SmpMap,
    options: RequestOptions,
  ): Promise<SmpMap> {
    return this.client.request(USER_GROUP, COMMANDS[command].id, op, fields, options);
  }

  #requester(command: "infer" | "telemetry", signal: AbortSignal | undefined) {
    return (op: "read" | "write", fields: SmpMap): Promise<SmpMap> =>
      this.#user(command, op, fields, { signal, ...(fields.get("run") === true && INFER) });
  }
}

function ignoreLink(error: unknown): undefined {
  if (error instanceof PithError && error.code === "link") return undefined;
  throw error;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.from(a).equals(b);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
