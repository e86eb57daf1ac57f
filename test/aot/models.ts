/** Runs one AOT-flavour module both ways: in V8, and as C on the host. */
import { emitC } from "../../sdk/compile/emit-c/emit.ts";
import type { Region } from "../../sdk/compile/emit-c/header.ts";
import type { CTarget } from "../../sdk/compile/emit-c/prelude.ts";
import type { ModelSource } from "../../targets/native/model-source.ts";

export interface TestPlan {
  readonly arenaBytes: number;
  readonly stateBytes: number;
  readonly weights: Uint8Array;
  readonly inputs: readonly Region[];
  readonly outputs: readonly Region[];
  readonly steps?: readonly Region[];
}

export function emitModel(wasm: Uint8Array, plan: TestPlan, target: CTarget): ModelSource {
  const { c, h } = emitC(wasm, { name: "m", target, ...plan });
  return {
    name: "m",
    c,
    h,
    ramBytes: plan.arenaBytes + plan.stateBytes,
    inputs: plan.inputs,
    outputs: plan.outputs,
    steps: plan.steps ?? [],
  };
}

type Entry = (i?: number) => number;

/** The module in V8, with its regions at fixed addresses and the isa functions in JavaScript. */
export async function instantiate(wasm: Uint8Array, plan: TestPlan) {
  const ARENA = 1024;
  const STATE = ARENA + plan.arenaBytes;
  const WEIGHTS = STATE + plan.stateBytes;
  const global = (value: number) => new WebAssembly.Global({ value: "i32" }, value);
  const module = await WebAssembly.compile(Uint8Array.from(wasm));
  const { exports } = await WebAssembly.instantiate(module, {
    env: { ARENA: global(ARENA), STATE: global(STATE), WEIGHTS: global(WEIGHTS) },
    isa: {
      smlad: (a: number, b: number, c: number) =>
        (c + Math.imul((a << 16) >> 16, (b << 16) >> 16) + Math.imul(a >> 16, b >> 16)) | 0,
      sxtb16: (a: number) => (((a << 24) >> 24) & 0xffff) | (((a << 8) >> 24) << 16),
      sxtb16_ror8: (a: number) => (((a << 16) >> 24) & 0xffff) | ((a >> 24) << 16),
      pkhbt: (a: number, b: number) => (a & 0xffff) | (b << 16),
      pkhtb: (a: number, b: number) => (a & 0xffff0000) | (b >>> 16),
      ssat8: (a: number) => Math.min(127, Math.max(-128, a)),
    },
  });
  const memory = exports.memory as WebAssembly.Memory;
  const needed = WEIGHTS + plan.weights.length - memory.buffer.byteLength;
  if (needed > 0) memory.grow(Math.ceil(needed / 65536));
  const bytes = () => new Uint8Array(memory.buffer);
  bytes().set(plan.weights, WEIGHTS);
  const call = (name: string, i?: number) => {
    const status = (exports[`m_${name}`] as Entry)(i);
    if (status) throw new Error(`m_${name} returned ${status}`);
  };
  return {
    init: () => call("init"),
    monitorsReset: () => call("monitors_reset"),
    infer(inputs: readonly Uint8Array[]): Uint8Array[] {
      for (const [i, input] of inputs.entries()) bytes().set(input, ARENA + plan.inputs[i]!.offset);
      call("infer");
      return plan.outputs.map(({ offset, bytes: length }) => bytes().slice(ARENA + offset, ARENA + offset + length));
    },
    step(i: number): Uint8Array {
      call("step", i);
      const { offset, bytes: length } = plan.steps![i]!;
      return bytes().slice(ARENA + offset, ARENA + offset + length);
    },
    write: (offset: number, values: Uint8Array) => bytes().set(values, ARENA + offset),
    read: (offset: number, length: number) => bytes().slice(ARENA + offset, ARENA + offset + length),
  };
}
