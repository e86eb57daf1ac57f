import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { PithError } from "../../sdk/error.ts";
import { cachedBuild, DEFAULT_BUILD_DIRECTORY } from "./build-cache.ts";
import { hostIsa } from "./host-isa.ts";
import { HOST_COMMANDS, hostMain } from "./host-main.ts";
import type { ModelSource } from "./model-source.ts";
import { commonFlags, findToolchain, type Missing, requireToolchain, runTool } from "./toolchain.ts";

export interface HostOptions {
  /** Where executables are kept, by content hash. */
  readonly buildDirectory?: string;
  /** More compiler flags, such as sanitizers. */
  readonly flags?: readonly string[];
  /** A target whose executables run here, itself or in user-mode emulation; the host by default. */
  readonly target?: HostTarget;
}

export type HostTarget = "host" | "linux-arm64";

/** How an executable of another machine is started: QEMU in user mode, on a static executable. */
const CROSS = { "linux-arm64": { arch: "arm64", emulator: "qemu-aarch64", flags: ["-static"] } } as const;

const runsHere = (target: HostTarget): boolean =>
  target === "host" || (process.platform === "linux" && process.arch === CROSS[target].arch);

/** Why executables of a target cannot be started here, or undefined where they can. */
export async function runnerMissing(target: HostTarget): Promise<Missing | undefined> {
  const toolchain = await findToolchain(target);
  if ("missing" in toolchain) return toolchain;
  if (target === "host" || runsHere(target)) return undefined;
  const { emulator } = CROSS[target];
  try {
    await promisify(execFile)(emulator, ["--version"], { timeout: 20_000 });
    return undefined;
  } catch {
    return { missing: `no ${emulator} (install qemu-user)` };
  }
}

/** Builds (or finds) the executable of a model; returns its path. */
async function buildHost(source: ModelSource, options: HostOptions = {}): Promise<string> {
  const target = options.target ?? "host";
  const toolchain = await requireToolchain(target);
  const own = target === "host" ? hostIsa().flags : CROSS[target].flags;
  const flags = [...commonFlags("."), ...own, ...(options.flags ?? [])];
  const root = resolve(options.buildDirectory ?? DEFAULT_BUILD_DIRECTORY);
  const files = { [`${source.name}.c`]: source.c, [`${source.name}.h`]: source.h, "main.c": hostMain(source) };
  const directory = await cachedBuild(root, [target, toolchain.version, ...flags], files, async (cwd) => {
    await runTool(toolchain.cc, [...flags, `${source.name}.c`, "main.c", "-o", "model"], cwd);
  });
  return join(directory, "model");
}

/** Builds a model for this machine, or one that is emulated on it, and starts it. */
export async function runHost(source: ModelSource, options: HostOptions = {}): Promise<HostModel> {
  const target = options.target ?? "host";
  const executable = await buildHost(source, options);
  return new HostModel(
    source,
    target === "host" || runsHere(target) ? [executable] : [CROSS[target].emulator, executable],
  );
}

interface Pending {
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly what: string;
}

/** A compiled model in a process of its own. State carries over between calls, as on a device. */
export class HostModel {
  readonly source: ModelSource;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly pending: Pending[] = [];
  private received = Buffer.alloc(0);
  private failure: Error | undefined;

  /** `command`: the program and its arguments. */
  constructor(source: ModelSource, [program, ...args]: readonly string[]) {
    this.source = source;
    this.child = spawn(program!, args, { stdio: ["pipe", "pipe", "pipe"] });
    let stderr = "";
    this.child.stderr.on("data", (text) => {
      stderr = (stderr + text).slice(-4000);
    });
    this.child.stdout.on("data", (bytes: Buffer) => this.receive(bytes));
    this.child.stdin.on("error", () => {});
    this.child.on("error", (error) => this.fail(error.message));
    this.child.on("close", (code, signal) => this.fail(`ended with ${signal ?? code} ${stderr.trim()}`));
  }

  async init(): Promise<void> {
    await this.request("init");
  }

  /** One inference: bytes of every input in, bytes of every output out. */
  async infer(inputs: readonly Uint8Array[]): Promise<Uint8Array[]> {
    this.checkInputs(inputs);
    return split(await this.request("infer", Buffer.concat(inputs)), this.source.outputs);
  }

  /** Writes the inputs, then runs step by step; returns the output of each step right after it ran. */
  async stepOutputs(inputs: readonly Uint8Array[]): Promise<Uint8Array[]> {
    this.checkInputs(inputs);
    for (const [i, input] of inputs.entries()) await this.write(this.source.inputs[i]!.offset, input);
    const outputs: Uint8Array[] = [];
    for (let i = 0; i < this.source.steps.length; i++) outputs.push(await this.step(i));
    return outputs;
  }

  /** Runs step i; returns its output. */
  step(i: number): Promise<Uint8Array> {
    return this.request("step", words(i));
  }

  async monitorsReset(): Promise<void> {
    await this.request("monitorsReset");
  }

  read(offset: number, bytes: number): Promise<Uint8Array> {
    return this.request("read", words(offset, bytes));
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    await this.request("write", Buffer.concat([words(offset), bytes]));
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = new Promise<void>((done) => this.child.once("close", () => done()));
    this.child.stdin.end();
    await closed;
  }

  private checkInputs(inputs: readonly Uint8Array[]): void {
    const received = inputs.map(({ length }) => length);
    const expected = this.source.inputs.map(({ bytes }) => bytes);
    if (String(received) !== String(expected))
      throw new PithError("shape", `${this.source.name}: inputs of [${received}] bytes, expected [${expected}]`);
  }

  private request(command: keyof typeof HOST_COMMANDS, payload: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((done, reject) => {
      this.pending.push({ resolve: done, reject, what: command });
      this.child.stdin.write(Buffer.concat([words(HOST_COMMANDS[command], payload.length), payload]));
    });
  }

  private receive(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= 8) {
      const status = this.received.readInt32LE(0);
      const length = this.received.readUInt32LE(4);
      if (this.received.length < 8 + length) return;
      const payload = Uint8Array.from(this.received.subarray(8, 8 + length));
      this.received = this.received.subarray(8 + length);
      const request = this.pending.shift();
      if (status < 0)
        request?.reject(
          new PithError("device", `${this.source.name} on host: ${request.what} returned ${status}, expected 0`, {
            status,
          }),
        );
      else request?.resolve(payload);
    }
  }

  private fail(reason: string): void {
    this.failure = new PithError("device", `${this.source.name} on host: the process ${reason}, expected it to run`);
    for (const { reject } of this.pending.splice(0)) reject(this.failure);
  }
}

function words(...values: readonly number[]): Buffer {
  const out = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) out.writeUInt32LE(value >>> 0, i * 4);
  return out;
}

function split(bytes: Uint8Array, regions: readonly { readonly bytes: number }[]): Uint8Array[] {
  let at = 0;
  return regions.map(({ bytes: length }) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
}
