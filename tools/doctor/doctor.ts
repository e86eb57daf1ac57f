/** What a machine has for each stage, what is lost without it, and how to get it. One row a check. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { CANDIDATES, findToolchain, type NativeTarget } from "../../targets/native/toolchain.ts";
import { serialPorts } from "../cli/serial-ports.ts";

export interface Check {
  readonly name: string;
  /** What was found; null where it is missing. */
  readonly found: string | null;
  /** What does not work without it. */
  readonly without: string;
  readonly remedy: string;
}

const run = promisify(execFile);

/** First line of `command --version`, or null. */
async function versionOf(command: string): Promise<string | null> {
  try {
    const { stdout } = await run(command, ["--version"], { timeout: 10_000 });
    return stdout.split("\n")[0]?.trim() ?? command;
  } catch {
    return null;
  }
}

/** Whether an executable of that name is on PATH. */
export const onPath = (command: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, command)));

async function firstOf(commands: readonly string[]): Promise<string | null> {
  for (const command of commands) {
    const found = await versionOf(command);
    if (found) return found;
  }
  return null;
}

/** The C compiler of a target, as the compiler itself looks for it. */
async function compilerOf(target: NativeTarget): Promise<Pick<Check, "found" | "remedy">> {
  const toolchain = await findToolchain(target);
  const { install, variable } = CANDIDATES[target];
  return { found: "missing" in toolchain ? null : toolchain.version, remedy: `${install}, or set ${variable}` };
}

async function serialPort(): Promise<string | null> {
  try {
    return `serialport loads; ${(await serialPorts()).length} ports`;
  } catch {
    return null;
  }
}

function dataFolder(): string | null {
  const root = process.env["PITH_DATA"];
  return root && existsSync(join(root, "datasets")) ? root : null;
}

export async function examine(): Promise<readonly Check[]> {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    {
      name: "Node.js",
      found: `${process.version} on ${process.platform}-${process.arch}, ${cpus().length} cores, ${memory}`,
      without: "",
      remedy: "",
    },
    {
      name: "C++ compiler",
      found: await firstOf(["c++", "g++", "clang++"]),
      without: "training runs on the wasm backend, slower",
      remedy: "install g++ or clang++",
    },
    { name: "C compiler", ...(await compilerOf("host")), without: "no host build and no virtual board" },
    { name: "Arm compiler", ...(await compilerOf("cortex-m4")), without: "no images for Cortex-M boards" },
    { name: "RISC-V compiler", ...(await compilerOf("riscv32")), without: "no images and no sizes for riscv32" },
    { name: "64-bit Arm compiler", ...(await compilerOf("linux-arm64")), without: "no images for linux-arm64" },
    {
      name: "Arm emulator",
      found: await versionOf("qemu-system-arm"),
      without: "no emulated boards and no instruction counts of Cortex-M",
      remedy: "install qemu-system-arm",
    },
    {
      name: "RISC-V emulator",
      found: await versionOf("qemu-system-riscv32"),
      without: "no instruction counts of riscv32",
      remedy: "install qemu-system-misc",
    },
    {
      name: "64-bit Arm emulator",
      found: await versionOf("qemu-aarch64"),
      without: "linux-arm64 images are not run",
      remedy: "install qemu-user",
    },
    {
      name: "serial ports",
      found: await serialPort(),
      without: "no link to boards",
      remedy: "run npm ci again: serialport has prebuilt parts",
    },
    {
      name: "data sets",
      found: dataFolder(),
      without: "demo uses the simulated motor",
      remedy: "set PITH_DATA to a folder that has datasets/ in it",
    },
  ];
}
