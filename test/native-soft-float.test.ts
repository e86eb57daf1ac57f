/** The integer float routines of ARMv6-M images against this machine's floats, on edge cases and random bits. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { helperClosure, SCALAR_HELPERS } from "../sdk/compile/emit-c/scalar-helpers.ts";
import { SOFT_FLOAT_C } from "../targets/native/soft-float.ts";
import { findToolchain, runTool } from "../targets/native/toolchain.ts";

const toolchain = await findToolchain("host");
const missing = "missing" in toolchain ? toolchain.missing : undefined;
if (missing && process.env["PITH_REQUIRE_ALL"]) throw new Error(missing);

/** The square roots of emitted C as cores without the instruction get them. */
const ROOTS_C = `#undef __SSE2__
#undef __aarch64__
#undef __ARM_FP
#define INLINE static inline
typedef int32_t i32;
typedef uint32_t u32;
typedef uint64_t u64;
typedef float f32;
typedef double f64;
${helperClosure("f32_sqrt(x); f64_sqrt(x);", SCALAR_HELPERS).join("\n")}`;

const DRIVER_C = `${SOFT_FLOAT_C}
#include <math.h>
#include <stdio.h>
#include <string.h>
${ROOTS_C}
static uint32_t bits(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }
static float value(uint32_t u) { float f; memcpy(&f, &u, 4); return f; }
static uint32_t state = 1;
static uint32_t next(void) { state ^= state << 13; state ^= state >> 17; state ^= state << 5; return state; }
static const uint32_t edges[] = { 0u, 1u, 0x007fffffu, 0x00800000u, 0x3f800000u, 0x4b800000u, 0x7f7fffffu, 0x7f800000u, 0x7fc00000u };
static uint32_t operand(void)
{
    switch (next() % 5) {
    case 0: return next();
    case 1: return next() & 0x80ffffffu;                                                       /* subnormal or just above */
    case 2: return (next() & 0x807fffffu) | ((123u + next() % 9) << 23);                       /* exponents that cancel */
    case 3: return edges[next() % 9] ^ (next() & 0x80000000u);
    default: return bits((float)(int32_t)(next() % 2000) - 1000.0f);
    }
}
static uint64_t double_bits(double f) { uint64_t u; memcpy(&u, &f, 8); return u; }
static double double_value(uint64_t u) { double f; memcpy(&f, &u, 8); return f; }
static uint64_t double_operand(void)
{
    const uint64_t low = (uint64_t)next() << 32 | next();
    switch (next() % 5) {
    case 0: return low;
    case 1: return low & 0x801fffffffffffffu;                                                  /* subnormal or just above */
    case 2: return (low & 0x800fffffffffffffu) | (uint64_t)(next() % 2 ? 1 + next() % 80 : 1990 + next() % 57) << 52;
    case 3: return double_bits(value(edges[next() % 9])) ^ (low & 0x8000000000000000u);
    default: return double_bits(value(operand()));                                             /* short quotients, ties */
    }
}
static int double_equal(uint64_t a, double f) { return a == double_bits(f) || (double_value(a) != double_value(a) && f != f); }
static int equal(uint32_t a, uint32_t b) { return a == b || (is_nan(a) && is_nan(b)); }
int main(void)
{
    for (int i = 0; i < 1000000; i++) {
        const uint32_t a = operand(), b = operand(), n = next() >> (next() % 32);
        const uint64_t c = double_operand(), d = double_operand();
        volatile float x = value(a), y = value(b);
        volatile double v = double_value(c), w = double_value(d);
        const int good = equal(pith_fadd(a, b), bits(x + y)) && equal(pith_fmul(a, b), bits(x * y))
            && equal(pith_fdiv(a, b), bits(x / y)) && double_equal(pith_ddiv(c, d), v / w) && pith_ui2f(n) == bits((float)n) && pith_i2f((int32_t)n) == bits((float)(int32_t)n)
            && equal(bits(f32_sqrt(x)), bits(sqrtf(x))) && double_equal(double_bits(f64_sqrt(v)), sqrt(v))
            && (!(fabsf(x) < 2147483000.0f) || pith_f2iz(a) == (int32_t)x)
            && (!(x >= 0.0f && x < 4294967000.0f) || pith_f2uiz(a) == (uint32_t)x);
        if (!good) { printf("%08x %08x %08x %016llx %016llx\\n", a, b, n, (unsigned long long)c, (unsigned long long)d); return 0; }
    }
    printf("equal");
    return 0;
}
`;

test.skipIf(missing)(
  "add, mul, div, square roots and conversions give IEEE 754's bits",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "pith-soft-float-"));
    try {
      await writeFile(join(directory, "driver.c"), DRIVER_C);
      await runTool("cc", ["-O2", "-ffp-contract=off", "driver.c", "-o", "driver", "-lm"], directory);
      expect(await runTool("./driver", [], directory)).toBe("equal");
    } finally {
      await rm(directory, { recursive: true });
    }
  },
  240_000,
);
