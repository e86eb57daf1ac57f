/**
 * Functions of the scalar family (kernels/isa/isa.scalar.import.as.ts): multiply and add in the order of the kernel, since
 * optimizers that regroup sums keep more values alive than a Cortex-M has registers.
 */
import type { IsaFunction } from "./isa.ts";

const onThumb2 = (asm: string, portable: string): string => `#if defined(__thumb2__)
    ${asm}
#else
    ${portable}
#endif`;

export const ISA_SCALAR: Readonly<Record<string, IsaFunction>> = {
  mla: {
    type: { params: ["i32", "i32", "i32"], results: ["i32"] },
    params: "u32 a, u32 x, u32 w",
    // The product replaces an operand; the sum may lie in a high register.
    body: `#if defined(__ARM_ARCH_6M__)
    __asm__(".syntax unified\\n\\tmuls %1, %2, %1\\n\\tadd %0, %1" : "+lh"(a), "+l"(w) : "l"(x) : "cc");
    return a;
#elif defined(__thumb2__)
    __asm__("mla %0, %1, %2, %0" : "+r"(a) : "r"(x), "r"(w));
    return a;
#else
    return a + x * w;
#endif`,
  },
  smlal: {
    type: { params: ["i64", "i32", "i32"], results: ["i64"] },
    params: "u64 a, u32 x, u32 w",
    body: onThumb2(
      '__asm__("smlal %Q0, %R0, %1, %2" : "+r"(a) : "r"(x), "r"(w));\n    return a;',
      "return a + (u64)((i64)(i32)x * (i64)(i32)w);",
    ),
  },
  sat8: {
    type: { params: ["i32"], results: ["i32"] },
    params: "u32 y",
    body: onThumb2(
      'u32 r;\n    __asm__("ssat %0, #8, %1" : "=r"(r) : "r"(y) : "cc");\n    return r;',
      "return (u32)(i32)(i8)y == y ? y : (u32)((i32)y >> 31) ^ 127u;",
    ),
  },
};
