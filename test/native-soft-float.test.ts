/** The integer f32 routines of ARMv6-M images against this machine's floats, on edge cases and random bits. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SOFT_FLOAT_C } from "../targets/native/soft-float.ts";
import { findToolchain, runTool } from "../targets/native/toolchain.ts";

const toolchain = await findToolchain("host");
const missing = "missing" in toolchain ? toolchain.missing : undefined;
if (missing && process.env["PITH_REQUIRE_ALL"]) throw new Error(missing);

const DRIVER_C = `${SOFT_FLOAT_C}
#include <math.h>
#include <stdio.h>
#include <string.h>
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
static int equal(uint32_t a, uint32_t b) { return a == b || (is_nan(a) && is_nan(b)); }
int main(void)
{
    for (int i = 0; i < 1000000; i++) {
        const uint32_t a = operand(), b = operand(), n = next() >> (next() % 32);
        volatile float x = value(a), y = value(b);
        const int good = equal(pith_fadd(a, b), bits(x + y)) && equal(pith_fmul(a, b), bits(x * y))
            && equal(pith_fdiv(a, b), bits(x / y)) && pith_ui2f(n) == bits((float)n) && pith_i2f((int32_t)n) == bits((float)(int32_t)n)
            && (!(fabsf(x) < 2147483000.0f) || pith_f2iz(a) == (int32_t)x)
            && (!(x >= 0.0f && x < 4294967000.0f) || pith_f2uiz(a) == (uint32_t)x);
        if (!good) { printf("%08x %08x %08x\\n", a, b, n); return 0; }
    }
    printf("equal");
    return 0;
}
`;

test.skipIf(missing)(
  "add, mul, div and conversions give IEEE 754's bits",
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
