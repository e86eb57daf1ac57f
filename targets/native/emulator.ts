/**
 * Instruction counts and bytes from an emulated core (emulators.ts). The image under test is the payload that a device
 * would get, placed at an address that it was not linked for; unaligned accesses fault.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { decodeDescriptor } from "../../sdk/compile/abi.ts";
import { PithError } from "../../sdk/error.ts";
import { cachedBuild, DEFAULT_BUILD_DIRECTORY } from "./build-cache.ts";
import { CALIBRATION, HEADER_WORDS, harnessC, harnessLinkerScript, STACK_BYTES } from "./emulator-harness.ts";
import { EMULATORS, type Emulator } from "./emulators.ts";
import { machineNamed } from "./machine.ts";
import { findToolchain, type Missing, type NativeTarget, requireToolchain, runTool } from "./toolchain.ts";

export interface Measurement {
  /** Executed instructions, an empty call's subtracted. */
  readonly init: number;
  readonly infer: number;
  readonly steps: readonly number[];
  /** Deepest stack that was touched by any call, painted and read back. */
  readonly stackBytes: number;
  /** Output bytes of each vector, outputs in order. */
  readonly outputs: readonly Uint8Array[];
  /** Output of each step right after it ran, for the first vector. */
  readonly stepOutputs: readonly Uint8Array[];
}

export interface MeasureOptions {
  /** Another board than the target's own. */
  readonly emulator?: Emulator;
  /** Reset the state before every vector; by default it carries over from one to the next. */
  readonly fresh?: boolean;
  /** Where harnesses are kept, by content hash. */
  readonly buildDirectory?: string;
}

const EMULATOR_TIMEOUT_MS = 600_000;
const run = promisify(execFile);

/** Why a target cannot be emulated here, or undefined where it can. */
export async function emulatorMissing(target: NativeTarget): Promise<Missing | undefined> {
  const toolchain = await findToolchain(target);
  if ("missing" in toolchain) return toolchain;
  const emulator = EMULATORS[target];
  if (!emulator) return { missing: `no emulator for ${target}` };
  try {
    await run(emulator.command, ["--version"], { timeout: 20_000 });
    return undefined;
  } catch {
    return { missing: `no ${emulator.command} (install ${PACKAGES[emulator.command] ?? emulator.command})` };
  }
}

/** Debian's package of an emulator, where it has another name. */
const PACKAGES: Readonly<Record<string, string>> = { "qemu-system-riscv32": "qemu-system-misc" };

/**
 * Runs a payload: init, then infer on every vector (all inputs in order), then init and step by step on the first.
 * Returns null where the compiler or the emulator is missing.
 */
export async function measureInstructions(
  target: NativeTarget,
  payload: Uint8Array,
  vectors: readonly Uint8Array[],
  options: MeasureOptions = {},
): Promise<Measurement | null> {
  const emulator = options.emulator ?? EMULATORS[target];
  if (!emulator || (await emulatorMissing(target))) return null;
  const descriptor = decodeDescriptor(payload);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const bytesOf = (offset: number, count: number) =>
    Array.from({ length: count }, (_, i) => view.getUint32(offset + i * 8 + 4, true));
  const inputBytes = sum(bytesOf(descriptor.inputsOffset, descriptor.inputCount));
  const stepBytes = bytesOf(descriptor.stepsOffset, descriptor.stepCount);
  const outputBytes = sum(bytesOf(descriptor.outputsOffset, descriptor.outputCount));
  if (vectors.length === 0 || vectors.some(({ length }) => length !== inputBytes))
    throw new PithError(
      "shape",
      `emulator: vectors of [${vectors.map((v) => v.length)}] bytes, expected ${inputBytes} each, at least one`,
    );
  const harness = await buildHarness(target, emulator, options.buildDirectory);
  const directory = await mkdtemp(join(tmpdir(), "pith-emulator-"));
  try {
    const job = Uint32Array.of(
      vectors.length,
      Math.max(16, descriptor.ramBytes),
      inputBytes,
      payload.length,
      options.fresh ? 1 : 0,
    );
    const padding = new Uint8Array(-payload.length & 15);
    await writeFile(
      join(directory, "job.bin"),
      Buffer.concat([new Uint8Array(job.buffer), payload, padding, ...vectors]),
    );
    await emulate(target, emulator, harness, directory);
    const out = await readFile(join(directory, "out.bin"));
    return decode(out, emulator, { vectors: vectors.length, outputBytes, stepBytes });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function buildHarness(target: NativeTarget, emulator: Emulator, buildDirectory?: string): Promise<string> {
  const { cc, version } = await requireToolchain(target);
  const flags = [
    ...machineNamed(target).flags,
    "-O1",
    "-ffreestanding",
    "-nostdlib",
    "-std=c99",
    "-Wl,--build-id=none",
  ];
  const files = { "harness.c": harnessC(emulator), "harness.ld": harnessLinkerScript(emulator) };
  const root = resolve(buildDirectory ?? DEFAULT_BUILD_DIRECTORY);
  const directory = await cachedBuild(root, ["harness", version, ...flags], files, async (cwd) => {
    await runTool(cc, [...flags, "-Wl,-T,harness.ld", "harness.c", "-o", "harness.elf"], cwd);
  });
  return join(directory, "harness.elf");
}

async function emulate(target: NativeTarget, emulator: Emulator, harness: string, directory: string): Promise<void> {
  const machine = ["-M", emulator.board, ...emulator.args, "-icount", `shift=${emulator.icountShift}`];
  const quiet = ["-display", "none", "-serial", "none", "-monitor", "none"];
  const semihosting = ["-semihosting-config", "enable=on,target=native"];
  try {
    await run(emulator.command, [...machine, ...quiet, ...semihosting, "-kernel", harness], {
      cwd: directory,
      timeout: EMULATOR_TIMEOUT_MS,
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "?";
    const said = error instanceof Error && "stderr" in error ? `${error.stderr}`.trim().slice(0, 500) : "";
    throw new PithError(
      "device",
      `emulated ${target} (${emulator.board}): the model ended with ${code}, expected 0 (90 is a fault, 92 too little memory, other values a status)${said && `: ${said}`}`,
    );
  }
}

interface Shape {
  readonly vectors: number;
  readonly outputBytes: number;
  readonly stepBytes: readonly number[];
}

function decode(out: Uint8Array, emulator: Emulator, { vectors, outputBytes, stepBytes }: Shape): Measurement {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const word = (i: number) => view.getUint32(i * 4, true);
  checkCalibration(word(1) - word(0), emulator);
  // One call of an empty function is in every count.
  const overhead = word(2);
  const count = (ticks: number) => Math.max(0, Math.round((ticks - overhead) * emulator.instructionsPerTick));
  let at = (HEADER_WORDS + stepBytes.length) * 4;
  const take = (bytes: number) => {
    const part = Uint8Array.from(out.subarray(at, at + bytes));
    at += bytes;
    return part;
  };
  const steps = stepBytes.map((_, i) => count(word(HEADER_WORDS + i)));
  const infer = count(word(4));
  // The timer holds `limit` instructions of one call; a count that wrapped is far below the sum of its steps.
  if (sum(steps) > infer * 1.5 + 10_000)
    throw new PithError(
      "device",
      `emulated ${emulator.board}: infer took ${infer} instructions and its steps ${sum(steps)}, expected at most ${emulator.limit} a call`,
    );
  return {
    init: count(word(3)),
    infer,
    stackBytes: STACK_BYTES - word(5),
    steps,
    outputs: Array.from({ length: vectors }, () => take(outputBytes)),
    stepOutputs: stepBytes.map(take),
  };
}

/** The two loops differ by a known number of instructions: the timer counts what the row says it does. */
function checkCalibration(ticks: number, { board, instructionsPerTick }: Emulator): void {
  const expected = (CALIBRATION[1] - CALIBRATION[0]) / instructionsPerTick;
  if (Math.abs(ticks - expected) > 2)
    throw new PithError("device", `emulated ${board}: ${ticks} ticks for the calibration loop, expected ${expected}`);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
