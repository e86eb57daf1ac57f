/** Finds and runs C compilers and emulators. Nothing here is installed by pith; what is missing is said plainly. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { CTarget } from "../../sdk/compile/emit-c/prelude.ts";
import { PithError } from "../../sdk/error.ts";

export type NativeTarget = CTarget;

export interface Toolchain {
  readonly kind: NativeTarget;
  /** Command of the compiler driver, which also links. */
  readonly cc: string;
  /** First line of `cc --version`. */
  readonly version: string;
  readonly isClang: boolean;
  /** What `cc` compiles for, as it says itself (`x86_64-linux-gnu`). */
  readonly machine: string;
}

export interface Missing {
  readonly missing: string;
}

interface Candidates {
  readonly variable: string;
  readonly commands: readonly string[];
  readonly install: string;
}

const ARM: Candidates = {
  variable: "PITH_ARM_CC",
  commands: ["arm-none-eabi-gcc"],
  install: "install gcc-arm-none-eabi and libnewlib-arm-none-eabi",
};

/** Where the compiler of each target is looked for, and what brings it. */
export const CANDIDATES: Readonly<Record<NativeTarget, Candidates>> = {
  host: { variable: "PITH_CC", commands: ["cc", "gcc", "clang"], install: "install gcc or clang" },
  "linux-arm64": {
    variable: "PITH_ARM64_CC",
    commands: ["aarch64-linux-gnu-gcc"],
    install: "install gcc-aarch64-linux-gnu",
  },
  "cortex-m0plus": ARM,
  "cortex-m3": ARM,
  "cortex-m4": ARM,
  "cortex-m7": ARM,
  "cortex-m33": ARM,
  "cortex-m55": ARM,
  riscv32: {
    variable: "PITH_RISCV_CC",
    commands: ["riscv64-unknown-elf-gcc", "riscv32-unknown-elf-gcc"],
    install: "install gcc-riscv64-unknown-elf",
  },
};

/** A compiler takes minutes only where something is wrong. */
const COMPILE_TIMEOUT_MS = 300_000;
const run = promisify(execFile);

export async function findToolchain(kind: NativeTarget): Promise<Toolchain | Missing> {
  const { variable, commands, install } = CANDIDATES[kind];
  const chosen = process.env[variable];
  for (const cc of chosen ? [chosen] : commands) {
    try {
      const { stdout } = await run(cc, ["--version"], { timeout: 20_000 });
      const machine = (await run(cc, ["-dumpmachine"], { timeout: 20_000 })).stdout.trim();
      return { kind, cc, version: stdout.split("\n")[0]!.trim(), isClang: /clang/i.test(stdout), machine };
    } catch {
      // Not this one; the reason that is reported names all of them.
    }
  }
  return {
    missing: `no C compiler for ${kind}: tried ${chosen ?? commands.join(", ")} (${install}, or set ${variable})`,
  };
}

export async function requireToolchain(kind: NativeTarget): Promise<Toolchain> {
  const found = await findToolchain(kind);
  if ("missing" in found) throw new PithError("toolchain", `toolchain: ${found.missing}`);
  return found;
}

/** Runs a tool in `cwd`; fails with its own words. Returns stdout. */
export async function runTool(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await run(command, [...args], { cwd, timeout: COMPILE_TIMEOUT_MS, maxBuffer: 1 << 26 });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    const what = said || (error instanceof Error ? error.message : String(error));
    throw new PithError("toolchain", `${command}: failed, expected success (${what.slice(0, 4000)})`, { args });
  }
}

/** Flags that every compilation shares: same source, same bytes, wherever it is built. */
export function commonFlags(directory: string): string[] {
  return [
    "-std=c99",
    "-O2",
    `-ffile-prefix-map=${directory}=.`,
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-Wconversion",
  ];
}
