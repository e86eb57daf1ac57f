/** The fixed part of every emitted C file: what it demands of the compiler, its types and its memory access. */

/** How C is written for a target: what a linear address is there, and what GCC is told. */
interface CDialect {
  /** "native": an address of a 32-bit core; "indexed": an index from `base`, the lower of ram and weights. */
  readonly addresses: "native" | "indexed";
  readonly optimize: readonly string[];
  /** Attribute of functions with a loop. */
  readonly noinline: string;
}

const indexed: CDialect = { addresses: "indexed", optimize: ["O3", "fp-contract=off"], noinline: "" };
/** Scheduling off: on an M4 GCC's scheduler spills accumulators (569 880 against 933 840 instructions, 1x1 conv). */
const native: CDialect = {
  addresses: "native",
  optimize: ["O3", "fp-contract=off", "no-schedule-insns"],
  noinline: "",
};
/**
 * Kernels as they are written: sums in their order, loops small, and nothing hoisted out of them that an address holds
 * as an offset. GCC's own choice has more values alive than there are registers (depthwise on an M3: 9.9 instructions a
 * multiply against 3.7).
 */
const scalar: CDialect = {
  ...native,
  optimize: [
    ...native.optimize,
    ...["no-tree-reassoc", "no-inline", "no-tree-loop-im", "no-move-loop-invariants", "no-tree-pre"],
  ],
};

/**
 * Cores with SMLAD, whose kernels keep eight sums and more in 13 registers. What is worth inlining the module has
 * inlined; a kernel's loop in a function of its own keeps its registers. Induction variables and redundancies as GCC likes
 * them cost registers; unrolling only makes code.
 */
const pair: CDialect = {
  addresses: "native",
  optimize: [
    "O2",
    "fp-contract=off",
    "no-schedule-insns",
    "no-ivopts",
    "no-tree-pre",
    "live-range-shrinkage",
    "no-gcse",
  ],
  noinline: "__attribute__((noinline))",
};

/**
 * Functions that are called from several steps stay functions: their loops are vectors, which constants from a call do
 * not shorten (ResNet-8: 8.4 KB of code instead of 18.6, 1.8 % more instructions).
 */
const vector: CDialect = { ...native, optimize: [...native.optimize, "no-inline-functions"] };

const C_TARGETS = {
  host: indexed,
  "linux-arm64": indexed,
  "cortex-m0plus": scalar,
  "cortex-m3": scalar,
  "cortex-m4": pair,
  "cortex-m7": pair,
  "cortex-m33": pair,
  "cortex-m55": vector,
  riscv32: scalar,
} as const satisfies Readonly<Record<string, CDialect>>;

/** Every target that C is emitted for. */
export type CTarget = keyof typeof C_TARGETS;
export const C_TARGET_NAMES = Object.keys(C_TARGETS) as readonly CTarget[];

export const isIndexed = (target: CTarget): boolean => C_TARGETS[target].addresses === "indexed";

const DEMANDS = `#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "this file is for little-endian machines"
#endif
#ifdef __FAST_MATH__
#error "-ffast-math changes results; compile this file without it"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "floats must be evaluated in their own precision (-mfpmath=sse on x86)"
#endif`;

const pragma = (target: CTarget): string =>
  `#pragma GCC optimize(${C_TARGETS[target].optimize.map((flag) => `"${flag}"`).join(", ")})`;

const PRAGMAS = (target: CTarget) => `#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
${pragma(target)}
#else
#error "this file needs GCC or Clang"
#endif
/* Comparisons that are always true or false come from the module; casts between equal types with other attributes are none. */
#pragma GCC diagnostic ignored "-Wtype-limits"
#pragma GCC diagnostic ignored "-Wtautological-compare"
#pragma GCC diagnostic ignored "-Wsign-conversion"`;

const TYPES = `typedef uint8_t u8;
typedef int8_t i8;
typedef uint16_t u16;
typedef int16_t i16;
typedef uint32_t u32;
typedef int32_t i32;
typedef uint64_t u64;
typedef int64_t i64;
typedef float f32;
typedef double f64;

/* Types of memory: any may alias any other, and _u ones need no alignment. */
typedef u8 m_u8;
typedef i8 m_i8;`;

const ALIASED = ["u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"]
  .flatMap((type) => [
    `typedef ${type} m_${type} __attribute__((may_alias));`,
    `typedef ${type} m_${type}_u __attribute__((may_alias, aligned(1)));`,
  ])
  .join("\n");

const MEMORY: Readonly<Record<CDialect["addresses"], string>> = {
  indexed: `/* A linear address is an index from base, the lower of ram and weights. */
#define MEM(type, address, offset) (*(type *)(base + (address) + (offset)))`,
  native: `#if UINTPTR_MAX != 0xffffffffu
#error "this file is for a core with 32-bit addresses"
#endif
/* A linear address is an address of the core: weights stay in flash, buffers in RAM. */
#define MEM(type, address, offset) (*(type *)(uintptr_t)((address) + (offset)))`,
};

export function prelude(target: CTarget): string {
  return [
    DEMANDS,
    PRAGMAS(target),
    "#include <stdint.h>\n#include <string.h>",
    `${TYPES}\n${ALIASED}`,
    `#define INLINE static inline __attribute__((always_inline, unused))\n#define NOINLINE ${C_TARGETS[target].noinline}`.trim(),
    MEMORY[C_TARGETS[target].addresses],
  ].join("\n\n");
}
