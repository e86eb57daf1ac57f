import { describe, expect, test } from "vitest";
import { ByteReader, encodeI32, encodeU32 } from "../sdk/compile/wasm/bytes.ts";
import { checkBody } from "../sdk/compile/wasm/check.ts";
import { readModule } from "../sdk/compile/wasm/module.ts";
import { appendSections, customSections, readSections } from "../sdk/compile/wasm/sections.ts";
import { verifyModule } from "../sdk/compile/wasm/verify.ts";
import { PithError } from "../sdk/error.ts";
import { compileAs } from "./aot/asc.ts";
import { assemble, assembleModel, call, get, i32, op } from "./aot/assemble.ts";
import { Random } from "./aot/random.ts";
import { BLOCK_TYPES, ProgramGenerator } from "./aot/random-program.ts";

function accepts(bytes: Uint8Array): boolean {
  try {
    const module = readModule(bytes);
    for (const fn of module.functions) if (!fn.imported) checkBody(module, fn);
    return true;
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    return false;
  }
}

describe("LEB128", () => {
  test.each([0, 1, 63, 64, 127, 128, 0x7fffffff, -1, -64, -65, -0x80000000])("%i as i32 and back", (value) => {
    expect(new ByteReader(Uint8Array.from(encodeI32(value))).i32()).toBe(value);
    expect(new ByteReader(Uint8Array.from(encodeU32(value))).u32()).toBe(value >>> 0);
  });

  test("too long, too large and cut off are errors with the offset", () => {
    const u32 = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes)).u32();
    expect(() => u32(0xff, 0xff, 0xff, 0xff, 0x1f)).toThrow("wasm at 0x0: an unsigned LEB128 beyond 32 bits");
    expect(() => u32(0x80)).toThrow("wasm at 0x1: the end of the bytes");
    expect(() => new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x4f)).i32()).toThrow("out of range");
  });
});

describe("reader and type checker", () => {
  test("a module that asc made", async () => {
    const wasm = await compileAs(
      `@external("env", "ARENA") declare const ARENA: usize;
       export function f(a: i64, b: f32): i64 { return a + i64(b) + load<u8>(ARENA); }`,
    );
    const module = readModule(wasm);
    expect(module.exports.map(({ name, kind }) => [name, kind])).toEqual([
      ["f", "Func"],
      ["memory", "Memory"],
    ]);
    expect(module.functions[0]!.type).toEqual({ params: ["i64", "f32"], results: ["i64"] });
    expect(module.globals[0]).toMatchObject({
      type: "i32",
      mutable: false,
      imported: { module: "env", name: "ARENA" },
    });
    expect(accepts(wasm)).toBe(true);
  });

  test.each([
    ["a missing operand", [...i32(1), ...op("i32.add"), ...op("drop")]],
    ["an operand of another type", [...op("f32.const", 0, 0, 0, 0), ...op("i32.eqz"), ...op("drop")]],
    ["a value left over", i32(1)],
    ["an unknown local", [...get(3), ...op("drop")]],
    ["an unknown label", op("br", 4)],
    ["an unknown function", call(99)],
    ["an alignment above the natural one", [...i32(0), ...op("i32.load", 3, 0), ...op("drop")]],
    [
      "a lane that is not there",
      [...op("v128.const", ...Array<number>(16).fill(0)), ...op("i32x4.extract_lane", 4), ...op("drop")],
    ],
    ["an else without an if", op("else")],
    ["a block that never ends", op("block", 0x40)],
  ])("%s is refused, as by V8", (_, body) => {
    const bytes = assemble([{ body }]);
    expect(WebAssembly.validate(Uint8Array.from(bytes))).toBe(false);
    expect(accepts(bytes)).toBe(false);
  });

  test("2 000 modules with a changed byte: never a crash, and what is accepted V8 accepts", () => {
    const random = new Random(3);
    const generator = new ProgramGenerator(random, 0);
    const good = assembleModel(
      Array.from({ length: 5 }, () => generator.step()),
      { blockTypes: BLOCK_TYPES },
    );
    expect(accepts(good)).toBe(true);
    let accepted = 0;
    for (let i = 0; i < 2000; i++) {
      const bytes = Uint8Array.from(good);
      for (let k = 0; k <= random.below(2); k++) bytes[random.below(bytes.length)] = random.below(256);
      const cut = random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
      if (!accepts(cut)) continue;
      accepted++;
      expect(WebAssembly.validate(Uint8Array.from(cut)), Buffer.from(cut).toString("hex")).toBe(true);
    }
    expect(accepted).toBeGreaterThan(100);
  }, 240_000);

  test("a body that declares 2^32 locals costs nothing", () => {
    const bytes = assemble([{ body: [] }]);
    const code = readSections(bytes).find(({ id }) => id === 10)!;
    const bomb = [10, ...encodeU32(10), 1, 8, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b];
    expect(accepts(Uint8Array.from([...bytes.subarray(0, code.at), ...bomb]))).toBe(false);
  });
});

describe("appendSections", () => {
  const code = assemble([{ body: [], exportAs: "f" }], { imports: false });

  test("data and custom sections that V8 and the reader see", async () => {
    const module = appendSections(code, {
      data: [{ address: 1000, bytes: Uint8Array.of(1, 2, 3) }],
      custom: [{ name: "pith", contents: Uint8Array.of(9) }],
    });
    expect(readModule(module).data).toEqual([{ address: 1000, contents: Uint8Array.of(1, 2, 3) }]);
    expect(customSections(module)).toEqual([{ name: "pith", contents: Uint8Array.of(9) }]);
    const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(Uint8Array.from(module)), {});
    const memory = exports.memory as WebAssembly.Memory;
    expect([...new Uint8Array(memory.buffer, 1000, 3)]).toEqual([1, 2, 3]);
  });

  test("a module with data of its own is refused", () => {
    const once = appendSections(code, { data: [{ address: 0, bytes: Uint8Array.of(1) }] });
    expect(() => appendSections(once, { data: [{ address: 0, bytes: Uint8Array.of(1) }] })).toThrow("a data section");
  });
});

describe("verifyModule", () => {
  const regions = {
    arena: { address: 1024, bytes: 1024 },
    state: { address: 2048, bytes: 64 },
    weights: { address: 4096, bytes: 70000 },
  };
  const failed = (bytes: Uint8Array) =>
    verifyModule(bytes, regions)
      .checks.filter(({ ok }) => !ok)
      .map(({ name }) => name);
  const build = (body: readonly number[], options = {}) =>
    assemble(
      [
        { body, exportAs: "f" },
        { body: call(0), exportAs: "g" },
      ],
      { imports: false, pages: [2, 2], ...options },
    );

  test("a module as the plan wants it passes", () => {
    const report = verifyModule(
      appendSections(build([]), { data: [{ address: 4096, bytes: new Uint8Array(70000) }] }),
      regions,
    );
    expect(report).toMatchObject({
      ok: true,
      functions: 2,
      callDepth: 2,
      memoryBytes: 131072,
      exports: ["f", "g", "memory"],
    });
  });

  test.each([
    ["no imports", build([], { imports: true })],
    ["fixed memory equal to the plan", build([], { pages: [3] })],
    ["fixed memory equal to the plan", build([], { pages: [2, 4] })],
    ["fixed memory equal to the plan", build([...i32(1), ...op("memory.grow", 0), ...op("drop")])],
    ["no recursion", build(call(1))],
    ["no start function", build([], { extra: { 8: [0] } })],
    ["no tables or indirect calls", build([], { extra: { 4: [1, 0x70, 0, 1] } })],
    [
      "data segments lie in the weights",
      appendSections(build([]), { data: [{ address: 4000, bytes: new Uint8Array(200) }] }),
    ],
    ["well-formed and well-typed", build(op("i32.add"))],
  ])("%s: a module that breaks it fails by that name", (name, bytes) => {
    expect(failed(bytes)).toEqual([name]);
  });
});
