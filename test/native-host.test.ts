import { afterAll, describe, expect, test } from "vitest";
import { selfTestInput } from "../sdk/compile/abi.ts";
import { type HostModel, runHost } from "../targets/native/host-model.ts";
import { compileAs, modelSource } from "./aot/asc.ts";
import { emitModel, instantiate, type TestPlan } from "./aot/models.ts";

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
    const inputs = plan.inputs.map((input) => all.subarray(at, (at += input.bytes)));
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
});
