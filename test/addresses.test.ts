import { describe, expect, test } from "vitest";
import { assemble } from "../sdk/compile/assemble.ts";
import { verifyModule } from "../sdk/compile/wasm/verify.ts";

const ARENA = 64;
const [BYTES, WEIGHTS] = [256, 64];
const REGIONS = {
  arena: { address: ARENA, bytes: BYTES },
  state: { address: ARENA + BYTES, bytes: 0 },
  weights: { address: ARENA + BYTES, bytes: WEIGHTS },
};

/** The finding about addresses of a module whose infer runs `body`. */
async function addresses(body: string, functions = ""): Promise<{ ok: boolean; found: string }> {
  const source = `const ARENA: usize = ${ARENA}; const WEIGHTS: usize = ${ARENA + BYTES};
${functions}
export function m_infer(): i32 { ${body}; return 0; }`;
  const wasm = await assemble(source, {
    family: "scalar",
    flavour: "portable",
    memoryBytes: ARENA + BYTES + WEIGHTS,
  });
  const report = verifyModule(wasm, REGIONS);
  const check = report.checks.find((c) => c.name.startsWith("no input"));
  expect(check, JSON.stringify(report.checks)).toBeDefined();
  return check!;
}

describe("what stays inside whatever the inputs are", () => {
  test.each([
    ["a loop over a buffer", "for (let i = 0; i < 256; i++) store<u8>(ARENA + i, load<u8>(ARENA + 255 - i) + 1)"],
    ["a table of 64 indexed by six bits", "store<u8>(ARENA, load<u8>(WEIGHTS + (load<u8>(ARENA) & 63)))"],
    ["a signed code as an index", "store<u8>(ARENA, load<u8>(ARENA + 128 + load<i8>(ARENA)))"],
    ["a clamped index", "store<u8>(ARENA, load<u8>(WEIGHTS + min(max(load<i32>(ARENA), 0), 63)))"],
    ["a clamped size", "store<u8>(ARENA, load<u8>(WEIGHTS + min(abs<i32>(load<i16>(ARENA)) >> 3, 63)))"],
    [
      "the arg max",
      "let b = 0; for (let i = 1; i < 9; i++) if (load<u8>(ARENA + i) > load<u8>(ARENA + b)) b = i; store<u8>(ARENA, b as u8)",
    ],
    [
      "a loop that data may leave early",
      "let i = 0; for (; i < 200; i++) if (load<u8>(ARENA + i) == 7) break; store<u8>(ARENA + i, 0)",
    ],
    ["a copy", "memory.copy(ARENA, WEIGHTS, 64)"],
  ])("%s", async (_, body) => {
    const { ok, found } = await addresses(body);
    expect(found).toMatch(/accesses visited/);
    expect(ok).toBe(true);
  });
});

describe("what an input could move", () => {
  test.each([
    [
      "an index of seven bits into a table of 64",
      "store<u8>(ARENA, load<u8>(WEIGHTS + (load<u8>(ARENA) & 127)))",
      /depends on data/,
    ],
    ["an index that nothing bounds", "store<u8>(ARENA, load<u8>(ARENA + load<i32>(ARENA)))", /depends on data/],
    [
      "a choice by another value than the one it bounds",
      "const a = load<i32>(ARENA), b = load<i32>(ARENA + 4); store<u8>(ARENA, load<u8>(WEIGHTS + max(0, select<i32>(b, 63, a < 63))))",
      /depends on data/,
    ],
    [
      "the size of the least number, which is negative",
      "store<u8>(ARENA, load<u8>(WEIGHTS + min(abs<i32>(load<i32>(ARENA)), 63)))",
      /depends on data/,
    ],
    ["a length that may be negative", "memory.copy(ARENA, WEIGHTS, min<i32>(load<i32>(ARENA), 64))", /load of/],
    [
      "a bound that only one branch sets",
      "let i = load<i32>(ARENA); if (load<u8>(ARENA + 9) > 3) i = 5; store<u8>(ARENA + i, 0)",
      /store of 1 bytes .*depends on data/,
    ],
    [
      "one byte past the end",
      "for (let i = 0; i <= 256; i++) store<u8>(ARENA + i, load<u8>(ARENA))",
      /store of 1 bytes at 320\.\.321/,
    ],
    [
      "a word across the end of a region",
      "store<u8>(ARENA, load<i32>(ARENA + 254) as u8)",
      /load of 4 bytes at 318\.\.322/,
    ],
    ["a store into the weights", "store<u8>(WEIGHTS, 1)", /store of 1 bytes at 320/],
    ["a load before the arena", "store<u8>(ARENA, load<u8>(ARENA - 1))", /load of 1 bytes at 63/],
    ["a copy longer than its source", "memory.copy(ARENA, WEIGHTS, 65)", /load of 65 bytes/],
    ["a length that data decides", "memory.fill(ARENA, 0, load<u16>(ARENA))", /store of 65535 bytes/],
    [
      "a loop that only data ends",
      "let x = load<i32>(ARENA); while (x > 1) x = x / 2 + load<u8>(ARENA); store<u8>(ARENA, x as u8)",
      /whose end depends on data/,
    ],
  ])("%s", async (_, body, said) => {
    const { ok, found } = await addresses(body);
    expect(ok).toBe(false);
    expect(found).toMatch(said);
  });
});
