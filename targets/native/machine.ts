/**
 * What differs between the machines that images are made for: a row a machine. Relocations are a list of those
 * that stay right wherever the image lies; every other one fails the build.
 */
import { TARGETS } from "../../sdk/compile/abi.ts";
import { PithError } from "../../sdk/error.ts";
import { ELF_MACHINE } from "./elf.ts";
import type { Toolchain } from "./toolchain.ts";

export interface Machine {
  readonly target: keyof typeof TARGETS;
  readonly flags: readonly string[];
  /** Relative to the place they change. Numbers: the psABI document of each architecture. */
  readonly relocations: Readonly<Record<number, string>>;
  readonly elfMachine: number;
  /** Bytes that an exception or signal may push below the model's own frames. */
  readonly exceptionFrameBytes: number;
}

const MACHINES: readonly Machine[] = [
  {
    target: "cortex-m4",
    elfMachine: ELF_MACHINE.arm,
    // Hard float: no float crosses the ABI of an image, so an agent of either float ABI can call it; it must have enabled the FPU.
    // Without -mno-unaligned-access GCC merges neighbouring stores into unaligned ones, which trap where the trap is on.
    flags: ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-mno-unaligned-access"],
    relocations: {
      0: "NONE",
      3: "REL32",
      10: "THM_CALL",
      11: "THM_PC8",
      30: "THM_JUMP24",
      40: "V4BX",
      42: "PREL31",
      51: "THM_JUMP19",
      53: "THM_ALU_PREL_11_0",
      54: "THM_PC12",
      102: "THM_JUMP11",
      103: "THM_JUMP8",
    },
    // Basic frame with floating-point state, 26 words, and a word of alignment (ARMv7-M ARM, B1.5.7).
    exceptionFrameBytes: 108,
  },
  {
    target: "x86_64",
    elfMachine: ELF_MACHINE.x86_64,
    flags: ["-fcf-protection=none", "-mno-avx"],
    relocations: { 0: "NONE", 2: "PC32", 4: "PLT32", 24: "PC64" },
    // The red zone of a leaf (System V psABI, 3.2.2); signals run on the thread's stack below it.
    exceptionFrameBytes: 128,
  },
  {
    target: "aarch64",
    elfMachine: ELF_MACHINE.aarch64,
    // The tiny model addresses by ADR alone; ADRP counts pages, and an image is aligned to 16 bytes only.
    flags: ["-mcmodel=tiny"],
    relocations: {
      0: "NONE",
      260: "PREL64",
      261: "PREL32",
      273: "LD_PREL_LO19",
      274: "ADR_PREL_LO21",
      279: "TSTBR14",
      280: "CONDBR19",
      282: "JUMP26",
      283: "CALL26",
    },
    exceptionFrameBytes: 0,
  },
];

/** The row for what a compiler makes; throws where images cannot be made for it. */
export function machineOf({ kind, machine, isClang, cc }: Toolchain): Machine {
  const name = kind === "cortex-m4" ? kind : machine.startsWith("x86_64") ? "x86_64" : machine.split("-")[0];
  const row = MACHINES.find(({ target }) => target === name);
  if (!row || isClang || !/none-eabi|linux/.test(machine))
    throw new PithError(
      "unsupported",
      `image: ${cc} compiles for ${machine}${isClang ? " and is Clang" : ""}, expected GCC for ${MACHINES.map((m) => m.target).join(", ")} (set PITH_CC)`,
    );
  return row;
}

export const targetId = ({ target }: Machine): number => TARGETS[target];
