/**
 * The emulated boards that count instructions: a row each. With `-icount shift=n` virtual time advances 2^n ns an
 * executed instruction, so a timer that runs from virtual time counts instructions.
 */
import type { CTarget } from "../../sdk/compile/emit-c/prelude.ts";

export interface Region {
  readonly origin: number;
  readonly bytes: number;
}

export interface Emulator {
  /** Of `-M`. */
  readonly board: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly icountShift: number;
  /** Instructions of one timer tick: the tick in ns over 2^icountShift. */
  readonly instructionsPerTick: number;
  /** The most instructions of one call that the timer can hold. */
  readonly limit: number;
  /** Key of TIMERS in emulator-harness.ts, and where its registers are. */
  readonly timer: { readonly kind: "cmsdk" | "systick" | "nrf51" | "minstret"; readonly address: number };
  /** Where the harness lies: code, its own variables and stack, and all that a job brings. */
  readonly code: Region;
  readonly ram: Region;
  readonly bulk: Region;
}

const MIB = 1 << 20;
const ARM = "qemu-system-arm";
const WORD = 2 ** 32;

/** CMSDK APB timer 0 of an MPS2 board at 25 MHz, 40 ns a tick; 64 ns an instruction. */
const mps2 = (board: string, psram: number): Emulator => ({
  board,
  command: ARM,
  args: [],
  icountShift: 6,
  instructionsPerTick: 40 / 64,
  limit: WORD * (40 / 64),
  timer: { kind: "cmsdk", address: 0x40000000 },
  code: { origin: 0, bytes: 4 * MIB },
  ram: { origin: 0x20000000, bytes: 4 * MIB },
  bulk: { origin: psram, bytes: 16 * MIB },
});

const AN385 = mps2("mps2-an385", 0x21000000);

/**
 * The board of each core. ARMv6-M code runs on the Cortex-M3 of an385 as it is; MICROBIT is a real ARMv6-M, where
 * unaligned accesses and newer instructions fault.
 */
export const EMULATORS: Readonly<Partial<Record<CTarget, Emulator>>> = {
  "cortex-m0plus": AN385,
  "cortex-m3": AN385,
  "cortex-m4": mps2("mps2-an386", 0x21000000),
  "cortex-m7": mps2("mps2-an500", 0x60000000),
  // Starts in Secure state: code and timer at their Secure aliases. 20 MHz, 50 ns a tick.
  "cortex-m33": {
    ...mps2("mps2-an505", 0x80000000),
    instructionsPerTick: 50 / 64,
    limit: WORD * (50 / 64),
    timer: { kind: "cmsdk", address: 0x50000000 },
    code: { origin: 0x10000000, bytes: 4 * MIB },
    ram: { origin: 0x38000000, bytes: 4 * MIB },
  },
  // SysTick, 24 bit at 32 MHz, 31.25 ns a tick; 4 ns an instruction, so that no call wraps it.
  "cortex-m55": {
    board: "mps3-an547",
    command: ARM,
    args: [],
    icountShift: 2,
    instructionsPerTick: 31.25 / 4,
    limit: 2 ** 24 * (31.25 / 4),
    timer: { kind: "systick", address: 0xe000e010 },
    code: { origin: 0, bytes: MIB / 2 },
    ram: { origin: 0x21000000, bytes: MIB },
    bulk: { origin: 0x60000000, bytes: 64 * MIB },
  },
  riscv32: {
    board: "virt",
    command: "qemu-system-riscv32",
    args: ["-bios", "none"],
    icountShift: 0,
    instructionsPerTick: 1,
    limit: WORD,
    timer: { kind: "minstret", address: 0 },
    code: { origin: 0x80000000, bytes: 4 * MIB },
    ram: { origin: 0x80400000, bytes: 4 * MIB },
    bulk: { origin: 0x80800000, bytes: 64 * MIB },
  },
};

/** A Cortex-M0 with more memory than the chip has; TIMER0 at 16 MHz, 62.5 ns a tick. */
export const MICROBIT: Emulator = {
  board: "microbit",
  command: ARM,
  args: ["-global", `nrf51-soc.flash-size=${4 * MIB}`, "-global", `nrf51-soc.sram-size=${20 * MIB}`],
  icountShift: 6,
  instructionsPerTick: 62.5 / 64,
  limit: WORD * (62.5 / 64),
  timer: { kind: "nrf51", address: 0x40008000 },
  code: { origin: 0, bytes: 4 * MIB },
  ram: { origin: 0x20000000, bytes: 4 * MIB },
  bulk: { origin: 0x20400000, bytes: 16 * MIB },
};
