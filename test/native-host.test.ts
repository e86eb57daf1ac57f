import { afterAll, describe, expect, test, vi } from "vitest";
import { selfTestInput } from "../sdk/compile/abi.ts";
import { emitC } from "../sdk/compile/emit-c/emit.ts";
import { type HostModel, runHost } from "../targets/native/host-model.ts";
import { compileAs, modelSource } from "./aot/asc.ts";
import { emitModel, instantiate, type TestPlan } from "./aot/models.ts";

vi.setConfig({ testTimeout: 240_000 });

const open: HostModel[] = [];
afterAll(async () => {
  for (const model of open) await model.close();
});

/** Runs `source` in V8 and as C on the host on seeded inputs; returns both lists of outputs. */
async function both(source: string, plan: TestPlan, vectors = 3): Promise<{ v8: Uint8Array[]; host: Uint8Array[] }> {
  const wasm = await compileAs(source);
  const reference = await instantiate(wasm, plan);
  const host = await runHost(emitModel(wasm, plan, "host"), { flags: ["-Werror"] });
  open.push(host);
  reference.init();
  await host.init();
  const bytes = plan.inputs.reduce((sum, input) => sum + input.bytes, 0);
  const out = { v8: [] as Uint8Array[], host: [] as Uint8Array[] };
  for (let seed = 1; seed <= vectors; seed++) {
    const all = selfTestInput(seed, bytes);
    let at = 0;
    const inputs = plan.inputs.map((input) => {
      at += input.bytes;
      return all.subarray(at - input.bytes, at);
    });
    out.v8.push(...reference.infer(inputs));
    out.host.push(...(await host.infer(inputs)));
  }
  return out;
}

const plan: TestPlan = {
  arenaBytes: 4096,
  stateBytes: 64,
  weights: selfTestInput(7, 1024),
  inputs: [{ offset: 0, bytes: 1024 }],
  outputs: [{ offset: 2048, bytes: 1024 }],
};

describe("C on the host gives the bytes of the module in V8", () => {
  test("an int8 dot product in a loop", async () => {
    const { v8, host } = await both(
      modelSource({
        infer: `for (let c = 0; c < 32; c++) {
          let acc = 0;
          for (let i = 0; i < 32; i++) acc += (load<i8>(ARENA + i) as i32) * (load<i8>(WEIGHTS + c * 32 + i) as i32);
          store<i32>(ARENA + 2048 + c * 4, acc);
        }`,
      }),
      plan,
    );
    expect(host).toEqual(v8);
  });

  test("SIMD dot products, a switch, 64-bit requantization, f32 and bulk memory", async () => {
    const { v8, host } = await both(
      modelSource({
        declarations: `
        function shape(kind: i32, x: i32): i32 {
          switch (kind & 7) {
            case 0: return x + 1;
            case 1: return x * 3;
            case 2: return x >>> 2;
            case 3: return ~x;
            case 5: return x - 9;
            default: return x ^ kind;
          }
        }
        function requantize(acc: i32, m: i32, s: i32): i32 {
          const round = (1 as i64) << (30 + s);
          return (((acc as i64) * (m as i64) + round + (acc < 0 ? -(1 << 30) : 1 << 30)) >> (31 + s)) as i32;
        }`,
        infer: `for (let c = 0; c < 64; c++) {
          let sum = i32x4.splat(0);
          for (let x = 0; x < 64; x += 4)
            sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load8x8_s(ARENA + x), v128.load8x8_s(WEIGHTS + c * 8 + x)));
          const acc = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 3);
          const y = shape(c, requantize(acc, 1518500250, c & 15));
          store<i32>(ARENA + 2048 + c * 8, y + i32(nearest(f32(acc) * 0.37)) + i32(min(f32(y), 77.5)));
        }
        memory.copy(ARENA + 2560, ARENA + 2048, 256);
        memory.copy(ARENA + 2564, ARENA + 2560, 200);
        memory.fill(ARENA + 2900, 7, 33)`,
      }),
      plan,
    );
    expect(host).toEqual(v8);
  });

  test("a model that traps, a status and wrong inputs are errors that name it", async () => {
    const wasm = await compileAs(
      modelSource({ infer: "if (load<i8>(ARENA) == 5) unreachable(); return load<i8>(ARENA)" }),
    );
    const model = await runHost(emitModel(wasm, plan, "host"));
    open.push(model);
    await model.init();
    const input = new Uint8Array(1024);
    await expect(model.infer([input.subarray(1)])).rejects.toThrow("m: inputs of [1023] bytes, expected [1024]");
    await expect(model.infer([input.fill(0xfd, 0, 1)])).rejects.toThrow("m on host: infer returned -3");
    await expect(model.infer([input.fill(5, 0, 1)])).rejects.toThrow("m on host: the process ended with SIG");
  });
});

describe("what an AOT flavour must not contain is refused by name", () => {
  test.each([
    ["a data segment", 'export function text(): usize { return changetype<usize>("abc"); }', "", "data segments"],
    ["a start function", "const SUM = ARENA + 5; export function sum(): usize { return SUM; }", "", "start function"],
    [
      "another import",
      '@external("env", "log") declare function log(x: i32): void;',
      "log(3)",
      "imported function env.log",
    ],
    ["a mutable global", "let count = 0;", "store<i32>(ARENA, ++count)", "global.set"],
    ["memory.grow", "", "store<i32>(ARENA, memory.grow(1))", "memory.grow"],
  ])("%s", async (_, declarations, infer, message) => {
    const wasm = await compileAs(modelSource({ declarations, infer }));
    expect(() => emitModel(wasm, plan, "host")).toThrow(message);
  });

  test("a missing entry, and a name that is no C identifier", async () => {
    const wasm = await compileAs(modelSource({ infer: "" }));
    const options = { target: "host", ...plan } as const;
    expect(() => emitC(wasm, { ...options, name: "other" })).toThrow("no exported function other_init");
    expect(() => emitC(wasm, { ...options, name: "a-b" })).toThrow('name "a-b", expected a C identifier');
  });
});
