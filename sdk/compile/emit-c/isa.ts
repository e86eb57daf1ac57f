/**
 * The isa layer in C: functions that an AOT flavour imports from module `isa`. Those of the pair family stand here,
 * each one instruction on a core with the DSP extension and portable C elsewhere; those of the scalar family in
 * isa-scalar.ts, those of MVE in isa-mve.ts, whole micro-kernels of wide vectors in isa-wide.ts. Meanings are those of
 * the portable flavour (kernels/isa).
 */
import type { FunctionType } from "../wasm/module.ts";
import { C_TYPES } from "./expression.ts";
import { ISA_MVE } from "./isa-mve.ts";
import { ISA_SCALAR } from "./isa-scalar.ts";

const ternary: FunctionType = { params: ["i32", "i32", "i32"], results: ["i32"] };
const binary: FunctionType = { params: ["i32", "i32"], results: ["i32"] };
const unary: FunctionType = { params: ["i32"], results: ["i32"] };

export interface IsaFunction {
  readonly type: FunctionType;
  /** Parameters of the C function. */
  readonly params: string;
  /** Statements of the C function. */
  readonly body: string;
  /** Absent where the result depends on the arguments alone. */
  readonly memory?: "read" | "write";
}

interface DspFunction extends Omit<IsaFunction, "body"> {
  readonly asm: string;
  readonly portable: string;
}

const DSP: Readonly<Record<string, DspFunction>> = {
  smlad: {
    type: ternary,
    params: "u32 a, u32 b, u32 c",
    asm: '__asm__("smlad %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c));',
    portable: "r = c + (u32)((i32)(i16)a * (i32)(i16)b) + (u32)(((i32)a >> 16) * ((i32)b >> 16));",
  },
  smlabb: {
    type: ternary,
    params: "u32 a, u32 b, u32 c",
    asm: '__asm__("smlabb %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c));',
    portable: "r = c + (u32)((i32)(i16)a * (i32)(i16)b);",
  },
  smlatt: {
    type: ternary,
    params: "u32 a, u32 b, u32 c",
    asm: '__asm__("smlatt %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c));',
    portable: "r = c + (u32)(((i32)a >> 16) * ((i32)b >> 16));",
  },
  smmla: {
    type: ternary,
    params: "u32 a, u32 b, u32 c",
    asm: '__asm__("smmla %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c));',
    portable: "r = c + (u32)(((i64)(i32)a * (i64)(i32)b) >> 32);",
  },
  sxtb16: {
    type: unary,
    params: "u32 a",
    asm: '__asm__("sxtb16 %0, %1" : "=r"(r) : "r"(a));',
    portable: "r = ((u32)(i32)(i8)a & 0xffffu) | ((u32)(i32)(i8)(a >> 16) << 16);",
  },
  sxtb16_ror8: {
    type: unary,
    params: "u32 a",
    asm: '__asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(a));',
    portable: "r = ((u32)(i32)(i8)(a >> 8) & 0xffffu) | ((u32)(i32)(i8)(a >> 24) << 16);",
  },
  pkhbt: {
    type: binary,
    params: "u32 a, u32 b",
    asm: '__asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(a), "r"(b));',
    portable: "r = (a & 0xffffu) | (b << 16);",
  },
  pkhtb: {
    type: binary,
    params: "u32 a, u32 b",
    asm: '__asm__("pkhtb %0, %1, %2, asr #16" : "=r"(r) : "r"(a), "r"(b));',
    portable: "r = (a & 0xffff0000u) | (b >> 16);",
  },
  ssat8: {
    type: unary,
    params: "u32 a",
    asm: '__asm__("ssat %0, #8, %1" : "=r"(r) : "r"(a) : "cc");',
    portable: "r = (i32)a < -128 ? (u32)-128 : (i32)a > 127 ? 127u : a;",
  },
  ssat8_asr8: {
    type: unary,
    params: "u32 a",
    asm: '__asm__("ssat %0, #8, %1, asr #8" : "=r"(r) : "r"(a) : "cc");',
    portable: "r = (u32)((i32)a >> 8); r = (i32)r < -128 ? (u32)-128 : (i32)r > 127 ? 127u : r;",
  },
  ssat8_asr22: {
    type: unary,
    params: "u32 a",
    asm: '__asm__("ssat %0, #8, %1, asr #22" : "=r"(r) : "r"(a) : "cc");',
    portable: "r = (u32)((i32)a >> 22); r = (i32)r < -128 ? (u32)-128 : (i32)r > 127 ? 127u : r;",
  },
};

const ISA_DSP: Readonly<Record<string, IsaFunction>> = Object.fromEntries(
  Object.entries(DSP).map(([name, { asm, portable, ...row }]) => [
    name,
    {
      ...row,
      body: `u32 r;
#if defined(__ARM_FEATURE_DSP) && !defined(__aarch64__)
    ${asm}
#else
    ${portable}
#endif
    return r;`,
    },
  ]),
);

/** Module functions by import name. Keys are what `@external("isa", …)` may name. */
export const ISA: Readonly<Record<string, IsaFunction>> = { ...ISA_DSP, ...ISA_MVE, ...ISA_SCALAR };

/** C definitions by function name, for `helperClosure`. */
export const ISA_HELPERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ISA).map(([name, { type, params, body }]) => [
    `isa_${name}`,
    `INLINE ${type.results[0] ? C_TYPES[type.results[0]] : "void"} isa_${name}(${params})\n{\n    ${body}\n}`,
  ]),
);
