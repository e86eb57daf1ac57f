import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { emitC } from "../sdk/compile/emit-c/emit.ts";
import { accessBytes, OPCODES, type Opcode, type ValueType } from "../sdk/compile/wasm/opcodes.ts";
import { type HostModel, runHost } from "../targets/native/host-model.ts";
import { access, assembleModel, GLOBAL, op, type TestFunction } from "./aot/assemble.ts";
import { emitModel, instantiate, type TestPlan } from "./aot/models.ts";
import { interestingBytes, Random } from "./aot/random.ts";

const BYTES: Readonly<Record<ValueType, number>> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };
const arena = op("global.get", GLOBAL.ARENA);
const RESULT = 64;

/** Every instruction that is not control flow, a constant or about the size of memory. */
const TESTED = OPCODES.filter(({ type, name }) => type && !/const$|^memory\.(size|grow)$/.test(name));

/** A function that loads the operands from ARENA, 16 bytes apart, and stores the result at ARENA + 64. */
function stepFor({ name, type, immediate }: Opcode): TestFunction {
  const isBulk = name.startsWith("memory.");
  const isAccess = immediate.startsWith("memory");
  const operands = type!.params.flatMap((param, i) => {
    if (isBulk && i === 0) return [...arena, ...op("i32.const", 0xc0, 0), ...op("i32.add")];
    if (isBulk && i === 2) return op("i32.const", 13);
    if (isBulk && name === "memory.copy") return [...arena, ...op("i32.const", 0xc4, 0), ...op("i32.add")];
    if (isAccess && i === 0) return arena;
    return [...arena, ...access(`${param}.load`, i * 16)];
  });
  const lanes = immediate === "shuffle" ? [0, 31, 3, 28, 16, 1, 2, 17, 5, 6, 7, 8, 9, 30, 10, 4] : [1];
  const self = isAccess
    ? access(name, type!.results.length > 0 ? 32 : RESULT, ...(immediate === "memory-lane" ? [1] : []))
    : op(name, ...(isBulk ? (name === "memory.copy" ? [0, 0] : [0]) : immediate === "none" ? [] : lanes));
  const [result] = type!.results;
  if (!result) return { body: [...operands, ...self] };
  return { body: [...arena, ...operands, ...self, ...access(`${result}.store`, RESULT)] };
}

const plan: TestPlan = {
  arenaBytes: 128,
  stateBytes: 16,
  weights: new Uint8Array(16),
  inputs: [{ offset: 0, bytes: 128 }],
  outputs: [],
  steps: TESTED.map(() => ({ offset: 0, bytes: 128 })),
};

/** Bytes with every NaN of the result's lane type replaced: payloads are not part of the promise. */
function withoutPayloads(bytes: Uint8Array, { name, type }: Opcode): Uint8Array {
  const [result] = type!.results;
  const lane = result === "v128" ? name.slice(0, 3) : result;
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  for (let at = RESULT; at < RESULT + (result ? BYTES[result] : 0); at += lane === "f64" ? 8 : 4) {
    if (lane === "f32" && Number.isNaN(view.getFloat32(at, true))) view.setFloat32(at, Number.NaN, true);
    if (lane === "f64" && Number.isNaN(view.getFloat64(at, true))) view.setFloat64(at, Number.NaN, true);
  }
  return out;
}

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

describe("every instruction as C gives V8's bytes", () => {
  const wasm = assembleModel(TESTED.map(stepFor));
  let host: HostModel;
  beforeAll(async () => {
    host = await runHost(emitModel(wasm, plan, "host"), { flags: ["-Werror"] });
  });
  afterAll(() => host?.close());

  test(`${TESTED.length} instructions on 60 seeded operands each; those that trap in V8 are left out`, async () => {
    const reference = await instantiate(wasm, plan);
    const random = new Random(20);
    let compared = 0;
    for (const [i, opcode] of TESTED.entries()) {
      for (let vector = 0; vector < 60; vector++) {
        const input = new Uint8Array(128);
        for (let at = 0; at < 128; at += 16) input.set(interestingBytes(random), at);
        reference.write(0, input);
        let expected: Uint8Array;
        try {
          expected = reference.step(i);
        } catch {
          continue;
        }
        await host.write(0, input);
        const received = await host.step(i);
        const shown = Buffer.from(input.subarray(0, 48)).toString("hex");
        expect(withoutPayloads(received, opcode), `${opcode.name} of ${shown}`).toEqual(
          withoutPayloads(expected, opcode),
        );
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(TESTED.length * 50);
  });

  test("access sizes follow from names", () => {
    expect(accessBytes("v128.load8x8_s")).toBe(8);
    expect(accessBytes("v128.load32_splat")).toBe(4);
    expect(accessBytes("i64.load32_u")).toBe(4);
    expect(accessBytes("f64.store")).toBe(8);
    expect(accessBytes("v128.store16_lane")).toBe(2);
  });

  test("the text is the same every time", () => {
    const options = { name: "m", target: "host", ...plan } as const;
    expect(emitC(wasm, options)).toEqual(emitC(wasm, options));
  });
});
