/**
 * What differs between the machines that code is made for: a row a machine. Relocations are a list of those that stay
 * right wherever an image lies; every other one fails the build.
 */
import type { Family } from "../../kernels/op.ts";
import { TARGETS } from "../../sdk/compile/abi.ts";
import type { CTarget } from "../../sdk/compile/emit-c/prelude.ts";
import { PithError } from "../../sdk/error.ts";
import { ELF_MACHINE } from "./elf.ts";
import { SOFT_FLOAT_AEABI_C } from "./soft-float.ts";
import type { Toolchain } from "./toolchain.ts";

export interface Machine {
  /** What --target takes. */
  readonly name: CTarget;
  readonly about: string;
  readonly family: Family;
  /** See LowerCall; the scalar family asks. */
  readonly longMultiply?: boolean;
  /** Id in an image's descriptor. */
  readonly id: keyof typeof TARGETS;
  readonly flags: readonly string[];
  /** Relative to the place they change. Numbers: the psABI document of each architecture. */
  readonly relocations: Readonly<Record<number, string>>;
  readonly elfMachine: number;
  /** C headers of ours, where the toolchain comes without a C library. */
  readonly headers?: Readonly<Record<string, string>>;
  /** C that images link beside libgcc, and in its place. */
  readonly runtime?: string;
  /** Bytes that an exception or signal may push below the model's own frames. */
  readonly exceptionFrameBytes: number;
}

/** Of Thumb code (ELF for the Arm Architecture). */
const THUMB_RELOCATIONS = {
  0: "NONE",
  3: "REL32",
  10: "THM_CALL",
  11: "THM_PC8",
  30: "THM_JUMP24",
  40: "V4BX",
  42: "PREL31",
  49: "THM_MOVW_PREL_NC",
  50: "THM_MOVT_PREL",
  51: "THM_JUMP19",
  53: "THM_ALU_PREL_11_0",
  54: "THM_PC12",
  102: "THM_JUMP11",
  103: "THM_JUMP8",
};

/** Eight words and one of alignment (ARMv6-M ARM, B1.5.6; ARMv7-M ARM, B1.5.7). */
const BASIC_FRAME_BYTES = 36;
/**
 * With floating-point state 26 words, and one of alignment. Where Non-secure exceptions interrupt Secure code, ARMv8-M
 * pushes more (B3.19): the model is taken to run in the security state of its interrupts.
 */
const FLOAT_FRAME_BYTES = 108;

/**
 * A Cortex-M row. Hard float where there is an FPU: no float crosses the ABI of an image, so an agent of either float
 * ABI can call it; it must have enabled the FPU. Without -mno-unaligned-access GCC merges neighbouring stores into
 * unaligned ones, which trap where the trap is on.
 */
function cortex(
  row: Pick<Machine, "about" | "family"> & {
    name: CTarget & keyof typeof TARGETS;
    cpu?: string;
    tune?: string;
    fpu?: string;
  },
): Machine {
  const { name, about, family, fpu } = row;
  const float = fpu === undefined ? ["-mfloat-abi=soft"] : ["-mfloat-abi=hard", `-mfpu=${fpu}`];
  return {
    name,
    about,
    family,
    id: name,
    elfMachine: ELF_MACHINE.arm,
    flags: [
      `-mcpu=${row.cpu ?? name}`,
      ...(row.tune === undefined ? [] : [`-mtune=${row.tune}`]),
      "-mthumb",
      ...float,
      "-mno-unaligned-access",
    ],
    relocations: THUMB_RELOCATIONS,
    exceptionFrameBytes: fpu === undefined ? BASIC_FRAME_BYTES : FLOAT_FRAME_BYTES,
  };
}

const X86_64: Machine = {
  name: "host",
  about: "this machine's processor; kernels of four products a lane, in its widest vectors",
  family: "dot4",
  id: "x86_64",
  elfMachine: ELF_MACHINE.x86_64,
  flags: ["-fcf-protection=none", "-mno-avx"],
  relocations: { 0: "NONE", 2: "PC32", 4: "PLT32", 24: "PC64" },
  // The red zone of a leaf (System V psABI, 3.2.2); signals run on the thread's stack below it.
  exceptionFrameBytes: 128,
};

const AARCH64: Machine = {
  name: "linux-arm64",
  about: "AArch64 Linux; four-way dot kernels (SDOT where the compiler may use it)",
  family: "dot4",
  id: "aarch64",
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
};

const RISCV32: Machine = {
  name: "riscv32",
  about: "RV32IMAC; scalar kernels, soft float",
  family: "scalar",
  id: "riscv32",
  elfMachine: ELF_MACHINE.riscv,
  // Relaxation would turn PC-relative addresses near 0, where images are linked, into absolute ones.
  flags: ["-march=rv32imac", "-mabi=ilp32", "-mcmodel=medany", "-mno-relax", "-Wl,--no-relax", "-mstrict-align"],
  // SET and ADD/SUB pairs are differences of two places in the image (RISC-V ELF psABI, table of relocations).
  relocations: {
    0: "NONE",
    16: "BRANCH",
    17: "JAL",
    18: "CALL",
    19: "CALL_PLT",
    23: "PCREL_HI20",
    24: "PCREL_LO12_I",
    25: "PCREL_LO12_S",
    35: "ADD32",
    39: "SUB32",
    43: "ALIGN",
    44: "RVC_BRANCH",
    45: "RVC_JUMP",
    51: "RELAX",
    57: "32_PCREL",
  },
  headers: {
    "stdint.h": "#include <stdint-gcc.h>\n",
    "string.h": `#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
`,
  },
  // No hardware frame: GCC's interrupt handlers save the 16 caller-saved registers.
  exceptionFrameBytes: 64,
};

export const MACHINES: readonly Machine[] = [
  X86_64,
  AARCH64,
  {
    ...cortex({ name: "cortex-m0plus", about: "Arm Cortex-M0+; scalar kernels, soft float", family: "scalar" }),
    runtime: SOFT_FLOAT_AEABI_C,
  },
  {
    ...cortex({ name: "cortex-m3", about: "Arm Cortex-M3; scalar kernels, soft float", family: "scalar" }),
    longMultiply: true,
  },
  cortex({
    name: "cortex-m4",
    about: "Arm Cortex-M4F; pair kernels (SMLAD), hard-float ABI",
    family: "pair",
    fpu: "fpv4-sp-d16",
  }),
  cortex({
    name: "cortex-m7",
    about: "Arm Cortex-M7; pair kernels (SMLAD), hard-float ABI",
    family: "pair",
    // GCC's own costs for this core choose longer sequences (kws: 3.84 against 3.51 million instructions).
    tune: "cortex-m4",
    fpu: "fpv5-d16",
  }),
  cortex({
    name: "cortex-m33",
    about: "Arm Cortex-M33; pair kernels (SMLAD), hard-float ABI",
    family: "pair",
    fpu: "fpv5-sp-d16",
  }),
  // Vectors of floats flush denormals to zero, which scalar code does not: MVE for integers only.
  cortex({
    name: "cortex-m55",
    about: "Arm Cortex-M55; reduce kernels (MVE), hard-float ABI",
    family: "reduce",
    cpu: "cortex-m55+nomve.fp",
    fpu: "auto",
  }),
  RISCV32,
];

/** The row that --target names; "host" is the x86-64 row, whose flags and relocations `machineOf` replaces elsewhere. */
export function machineNamed(name: CTarget): Machine {
  const row = MACHINES.find((machine) => machine.name === name);
  if (!row) throw new PithError("internal", `machine: "${name}", expected one of ${MACHINES.map((m) => m.name)}`);
  return row;
}

/** The row for what a compiler makes; throws where images cannot be made for it. */
export function machineOf({ kind, machine, isClang, cc }: Toolchain): Machine {
  const here = machine.startsWith("x86_64") ? "x86_64" : machine.split("-")[0];
  const row = MACHINES.find(({ name, id }) => (kind === "host" ? id === here : name === kind));
  if (!row || isClang || !/none-eabi|linux|unknown-elf/.test(machine))
    throw new PithError(
      "unsupported",
      `image: ${cc} compiles for ${machine}${isClang ? " and is Clang" : ""}, expected GCC for ${MACHINES.map((m) => m.id).join(", ")} (set PITH_CC)`,
    );
  return row;
}

export const targetId = ({ id }: Machine): number => TARGETS[id];
