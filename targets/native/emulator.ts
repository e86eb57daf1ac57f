/**
 * Instruction counts and bytes from an emulated Cortex-M4 (QEMU mps2-an386, `-icount shift=0`: one nanosecond of
 * virtual time an instruction). The image under test is the payload that a device would get, placed at an address
 * that it was not linked for.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeDescriptor } from "../../sdk/compile/abi.ts";
import { PithError } from "../../sdk/error.ts";
import { HARNESS_C, HARNESS_LINKER_SCRIPT, HEADER_WORDS, STACK_BYTES } from "./emulator-harness.ts";
import { findToolchain, type Missing, runTool } from "./toolchain.ts";

export interface Measurement {
  /** Instructions; resolution RESOLUTION. */
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

/** The timer ticks at 25 MHz, 40 ns: 40 instructions. */
export const RESOLUTION = 40;
const EMULATOR = "qemu-system-arm";
const EMULATOR_TIMEOUT_MS = 240_000;
const run = promisify(execFile);
const FLAGS = [
  "-mcpu=cortex-m4",
  "-mthumb",
  "-mfloat-abi=hard",
  "-mfpu=fpv4-sp-d16",
  "-O1",
  "-ffreestanding",
  "-nostdlib",
  "-std=c99",
];

/** Why a Cortex-M4 cannot be emulated here, or undefined where it can. */
export async function emulatorMissing(): Promise<Missing | undefined> {
  const toolchain = await findToolchain("cortex-m4");
  if ("missing" in toolchain) return toolchain;
  try {
    await run(EMULATOR, ["--version"], { timeout: 20_000 });
    return undefined;
  } catch {
    return { missing: `no ${EMULATOR} (install qemu-system-arm)` };
  }
}

/**
 * Runs a cortex-m4 payload: init, then infer on every vector (all inputs in order), then init and step by step on
 * the first. Returns null where the compiler or the emulator is missing.
 */
export async function measureInstructions(
  payload: Uint8Array,
  vectors: readonly Uint8Array[],
): Promise<Measurement | null> {
  const toolchain = await findToolchain("cortex-m4");
  if ("missing" in toolchain || (await emulatorMissing())) return null;
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
  const directory = await mkdtemp(join(tmpdir(), "pith-emulator-"));
  try {
    await writeFile(join(directory, "payload.bin"), payload);
    await writeFile(join(directory, "inputs.bin"), Buffer.concat(vectors.length ? vectors : [new Uint8Array(1)]));
    await writeFile(join(directory, "harness.c"), HARNESS_C);
    await writeFile(join(directory, "harness.ld"), HARNESS_LINKER_SCRIPT);
    const defines = [`-DVECTORS=${vectors.length}`, `-DRAM_BYTES=${Math.max(16, descriptor.ramBytes)}`];
    await runTool(
      toolchain.cc,
      [...FLAGS, ...defines, "-Wl,-T,harness.ld", "harness.c", "-lgcc", "-o", "harness.elf"],
      directory,
    );
    await emulate(directory);
    return decode(await readFile(join(directory, "out.bin")), { vectors: vectors.length, outputBytes, stepBytes });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function emulate(directory: string): Promise<void> {
  const machine = ["-M", "mps2-an386", "-icount", "shift=0", "-display", "none", "-serial", "none", "-monitor", "none"];
  const semihosting = ["-semihosting-config", "enable=on,target=native"];
  try {
    await run(EMULATOR, [...machine, ...semihosting, "-kernel", "harness.elf"], {
      cwd: directory,
      timeout: EMULATOR_TIMEOUT_MS,
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "?";
    throw new PithError(
      "device",
      `emulated cortex-m4: the model ended with ${code}, expected 0 (90 is a fault, other values a status)`,
    );
  }
}

function decode(
  out: Uint8Array,
  { vectors, outputBytes, stepBytes }: { vectors: number; outputBytes: number; stepBytes: readonly number[] },
): Measurement {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const word = (i: number) => view.getUint32(i * 4, true);
  // One call of an empty function is in every count.
  const overhead = word(0);
  const count = (ticks: number) => Math.max(0, ticks - overhead) * RESOLUTION;
  let at = (HEADER_WORDS + stepBytes.length) * 4;
  const take = (bytes: number) => {
    const part = Uint8Array.from(out.subarray(at, at + bytes));
    at += bytes;
    return part;
  };
  return {
    init: count(word(1)),
    infer: count(word(2)),
    stackBytes: STACK_BYTES - word(3),
    steps: stepBytes.map((_, i) => count(word(HEADER_WORDS + i))),
    outputs: Array.from({ length: vectors }, () => take(outputBytes)),
    stepOutputs: stepBytes.map(take),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
