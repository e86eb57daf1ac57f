/** What a machine has for each stage, what is lost without it, and how to get it. One row a check. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
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
    {
      name: "C compiler",
      found: await firstOf(["cc", "gcc", "clang"]),
      without: "no host build and no virtual board",
      remedy: "install gcc or clang",
    },
    {
      name: "Arm compiler",
      found: await versionOf("arm-none-eabi-gcc"),
      without: "no images for Cortex-M boards",
      remedy: "install gcc-arm-none-eabi and libnewlib-arm-none-eabi",
    },
    {
      name: "Arm emulator",
      found: await versionOf("qemu-system-arm"),
      without: "no emulated boards and no instruction counts",
      remedy: "install qemu-system-arm",
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
