/**
 * The isa layer of the reduce family in C: Arm MVE intrinsics, and hardware loops as inline assembly (GCC makes none
 * of its own, and keeps neither eight sums nor their even registers). Meanings are those of the portable flavour,
 * kernels/isa/isa.reduce.inline.as.ts.
 */
import type { FunctionType } from "../wasm/module.ts";
import type { ValueType } from "../wasm/opcodes.ts";
import type { IsaFunction } from "./isa.ts";

/** For C that calls one of these: the intrinsics, and conversions between their types and v128. */
export const MVE_PRELUDE = `#ifndef __ARM_FEATURE_MVE
#error "this file is for a core with the M-profile vector extension (-mcpu=cortex-m55)"
#endif
#include <arm_mve.h>
#define S8(x) ((int8x16_t)(x))
#define S16(x) ((int16x8_t)(x))
#define S32(x) ((int32x4_t)(x))
#define BYTES(address) ((int8_t *)(uintptr_t)(address))`;

const signature = (params: readonly ValueType[], result?: ValueType): FunctionType => ({
  params: [...params],
  results: result ? [result] : [],
});

/** Vectors in, a vector out, in one expression. */
const pure = (params: readonly ValueType[], names: string, value: string): IsaFunction => ({
  type: signature(params, "v128"),
  params: names,
  body: `return (v128)${value};`,
});
const unary = (value: string): IsaFunction => pure(["v128"], "v128 a", value);
const binary = (value: string): IsaFunction => pure(["v128", "v128"], "v128 a, v128 b", value);
const byScalar = (value: string): IsaFunction => pure(["v128", "i32"], "v128 a, u32 b", value);
const load = (params: string, value: string): IsaFunction => ({
  type: signature(
    params.split(",").map(() => "i32"),
    "v128",
  ),
  params,
  body: `return (v128)${value};`,
  memory: "read",
});
const store = (params: string, call: string): IsaFunction => ({
  type: signature(params.split(",").map((p) => (p.includes("v128") ? "v128" : "i32"))),
  params,
  body: `${call};`,
  memory: "write",
});
/** In assembly, because GCC copies an operand that is narrowed in its own place. */
const narrow = (bits: 16 | 32): IsaFunction => ({
  type: signature(["v128", "v128"], "v128"),
  params: "v128 a, v128 b",
  body: `__asm__("vqmovnb.s${bits} %q0, %q0\\n vqmovnt.s${bits} %q0, %q1" : "+w"(a) : "w"(b));
    return a;`,
});

/** One step of dot4x2: 16 weights of a channel against both rows. Registers of sums are even, as the ISA demands. */
const dotBoth = (weights: string, first: string, second: string) => [
  `vldrb.8 ${weights}, [%[w]], #16`,
  `vmladava.s8 ${first}, ${weights}, q0`,
  `vmladava.s8 ${second}, ${weights}, q1`,
];
const dotOne = (weights: string, sum: string) => [
  `vldrb.8 ${weights}, [%[w]], #16`,
  `vmladava.s8 ${sum}, ${weights}, q0`,
];

/** Sums of products of some taps (one or two) onto the vectors a to d, which hold every fourth channel. */
function addTaps(taps: readonly number[]): string[] {
  const at = (tap: number) => `[%[x${Math.floor(tap / 3)}], #${(tap % 3) * 16}]`;
  const [first, second] = taps as readonly [number, number?];
  return [
    `vldrb.8 q4, ${at(first)}`,
    "vldrb.8 q5, [%[w]], #16",
    "vmullb.s8 q6, q4, q5",
    "vmullt.s8 q4, q4, q5",
    // No ninth register: the second tap is loaded twice.
    ...(second === undefined
      ? []
      : [
          `vldrb.8 q5, ${at(second)}`,
          "vldrb.8 q7, [%[w]], #16",
          "vmullt.s8 q5, q5, q7",
          "vadd.i16 q4, q4, q5",
          `vldrb.8 q5, ${at(second)}`,
          "vmullb.s8 q5, q5, q7",
          "vadd.i16 q6, q6, q5",
        ]),
    "vmovlb.s16 q5, q6",
    "vadd.i32 %q[a], %q[a], q5",
    "vmovlt.s16 q6, q6",
    "vadd.i32 %q[c], %q[c], q6",
    "vmovlb.s16 q5, q4",
    "vadd.i32 %q[b], %q[b], q5",
    "vmovlt.s16 q4, q4",
    "vadd.i32 %q[d], %q[d], q4",
  ];
}

const assembly = (lines: readonly string[], operands: string) =>
  `__asm__ volatile(${lines.map((line) => `"${line}\\n"`).join("\n        ")}\n        ${operands});`;

export const ISA_MVE: Readonly<Record<string, IsaFunction>> = {
  load_bytes: load("u32 a", "vldrbq_s8(BYTES(a))"),
  load_words_tail: load("u32 a, u32 n", "vldrbq_z_s32(BYTES(a), vctp32q(n))"),
  load_words: load("u32 a", "vldrbq_s32(BYTES(a))"),
  store_bytes: store("u32 a, v128 x", "vstrbq_s8(BYTES(a), S8(x))"),
  store_tail: store("u32 a, v128 x, u32 n", "vstrbq_p_s8(BYTES(a), S8(x), vctp8q(n))"),
  store_words: store("u32 a, v128 x", "vstrbq_s32(BYTES(a), S32(x))"),
  store_words_tail: store("u32 a, v128 x, u32 n", "vstrbq_p_s32(BYTES(a), S32(x), vctp32q(n))"),
  multiply_even: binary("vmullbq_int_s8(S8(a), S8(b))"),
  multiply_odd: binary("vmulltq_int_s8(S8(a), S8(b))"),
  widen_even: unary("vmovlbq_s16(S16(a))"),
  widen_odd: unary("vmovltq_s16(S16(a))"),
  narrow_words: narrow(32),
  narrow_halves: narrow(16),
  high_product: binary("vqrdmulhq_s32(S32(a), S32(b))"),
  high_product_by: byScalar("vqrdmulhq_n_s32(S32(a), (i32)b)"),
  rounding_shift: binary("vrshlq_s32(S32(a), S32(b))"),
  rounding_shift_by: byScalar("vrshlq_n_s32(S32(a), (i32)b)"),
  multiply_plus: pure(["v128", "v128", "i32"], "v128 a, v128 b, u32 c", "vmlasq_n_s32(S32(a), S32(b), (i32)c)"),
  add_words: byScalar("vaddq_n_s32(S32(a), (i32)b)"),
  max_words: binary("vmaxq_s32(S32(a), S32(b))"),
  min_words: binary("vminq_s32(S32(a), S32(b))"),
  max_bytes: binary("vmaxq_s8(S8(a), S8(b))"),
  min_bytes: binary("vminq_s8(S8(a), S8(b))"),
  add_halves: byScalar("vqaddq_n_s16(S16(a), (i16)b)"),
  dot4: {
    type: signature(["i32", "i32", "i32"], "v128"),
    params: "u32 w, u32 x, u32 n",
    body: `int32x4_t r;
    ${assembly(
      [
        "ldrd r0, r2, [%[w]], #8",
        "ldrd r4, r6, [%[w]], #8",
        "dlstp.8 lr, %[n]",
        "1:",
        "vldrb.8 q0, [%[x]], #16",
        ...dotOne("q1", "r0"),
        ...dotOne("q2", "r2"),
        ...dotOne("q1", "r4"),
        ...dotOne("q2", "r6"),
        "letp lr, 1b",
        "vmov %e[r], r0, r2",
        "vmov %f[r], r4, r6",
      ],
      `: [r] "=w"(r), [w] "+r"(w), [x] "+r"(x)
        : [n] "r"(n)
        : "r0", "r2", "r4", "r6", "lr", "q0", "q1", "q2", "cc", "memory"`,
    )}
    return (v128)r;`,
    memory: "read",
  },
  dot4x2: {
    type: signature(["i32", "i32", "i32", "i32", "i32"], "i32"),
    params: "u32 w, u32 x0, u32 x1, u32 n, u32 sums",
    // The sums leave in vectors: an address for them would be a register that some callers cannot spare.
    body: `int32x4_t a, b;
    ${assembly(
      [
        "ldrd r0, r2, [%[w]]",
        "ldrd r8, r10, [%[w]], #8",
        "ldrd r4, r6, [%[w]]",
        "ldrd r12, lr, [%[w]], #8",
        "1:",
        "vldrb.8 q0, [%[x0]], #16",
        "vldrb.8 q1, [%[x1]], #16",
        ...dotBoth("q2", "r0", "r8"),
        ...dotBoth("q3", "r2", "r10"),
        ...dotBoth("q2", "r4", "r12"),
        ...dotBoth("q3", "r6", "lr"),
        "subs %[n], #16",
        "bhi 1b",
        "vmov %e[a], r0, r2",
        "vmov %f[a], r4, r6",
        "vmov %e[b], r8, r10",
        "vmov %f[b], r12, lr",
      ],
      `: [a] "=w"(a), [b] "=w"(b), [w] "+r"(w), [x0] "+r"(x0), [x1] "+r"(x1), [n] "+r"(n)
        :
        : "r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr", "q0", "q1", "q2", "q3", "cc", "memory"`,
    )}
    MEM(m_v128, sums, 0u) = (v128)a;
    MEM(m_v128, sums, 16u) = (v128)b;
    return w;`,
    memory: "write",
  },
  window3x3: {
    type: signature(["i32", "i32", "i32", "i32", "i32"], "v128"),
    params: "u32 w, u32 x0, u32 x1, u32 x2, u32 sums",
    body: `int32x4_t a, b, c, d;
    ${assembly(
      [
        ...["a", "b", "c", "d"].map((v) => `vldrw.32 %q[${v}], [%[w]], #16`),
        ...[[0, 1], [2, 3], [4, 5], [6, 7], [8]].flatMap(addTaps),
      ],
      `: [a] "=&w"(a), [b] "=&w"(b), [c] "=&w"(c), [d] "=&w"(d), [w] "+r"(w)
        : [x0] "r"(x0), [x1] "r"(x1), [x2] "r"(x2)
        : "q4", "q5", "q6", "q7", "memory"`,
    )}
    MEM(m_v128, sums, 0u) = (v128)b;
    MEM(m_v128, sums, 16u) = (v128)c;
    MEM(m_v128, sums, 32u) = (v128)d;
    return (v128)a;`,
    memory: "write",
  },
  copy_bytes: {
    type: signature(["i32", "i32", "i32"], "i32"),
    params: "u32 to, u32 from, u32 n",
    body: `const u32 end = to + n;
    ${assembly(
      ["wlstp.8 lr, %[n], 2f", "1:", "vldrb.8 q0, [%[from]], #16", "vstrb.8 q0, [%[to]], #16", "letp lr, 1b", "2:"],
      `: [to] "+r"(to), [from] "+r"(from)
        : [n] "r"(n)
        : "lr", "q0", "cc", "memory"`,
    )}
    return end;`,
    memory: "write",
  },
  fill_bytes: {
    type: signature(["i32", "i32", "i32"], "i32"),
    params: "u32 to, u32 value, u32 n",
    body: `const u32 end = to + n;
    ${assembly(
      ["vdup.8 q0, %[value]", "wlstp.8 lr, %[n], 2f", "1:", "vstrb.8 q0, [%[to]], #16", "letp lr, 1b", "2:"],
      `: [to] "+r"(to)
        : [value] "r"(value), [n] "r"(n)
        : "lr", "q0", "cc", "memory"`,
    )}
    return end;`,
    memory: "write",
  },
};
