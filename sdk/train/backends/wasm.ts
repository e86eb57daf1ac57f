/** The portable backend: the step graph as a module of the device compiler. Always there; one thread. */

import type { Plan } from "../../compile/plan.ts";
import { compilePortable } from "../../compile/portable.ts";
import { PithError } from "../../error.ts";
import type { Backend, Feed, RunCall, RunResult, Session, StepProgram } from "./backend.ts";
import { initialValues, stateValues, writeValues } from "./memory.ts";

/** JavaScript stays responsive: control returns to the event loop this often. */
const YIELD_EVERY_MS = 20;

export const wasmBackend: Backend = { name: "wasm", isa: "simd128", open: openWasm };

async function openWasm(program: StepProgram): Promise<Session> {
  const { graph, batch, feeds } = program;
  const { wasm, plan, manifest } = await compilePortable(graph, { name: "train" });
  const instance = (await WebAssembly.instantiate(Uint8Array.from(wasm), {})).instance;
  const { memory, train_init: init, train_infer: infer } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof init !== "function" || typeof infer !== "function")
    throw new PithError("internal", "wasm backend: the module lacks memory, train_init or train_infer");
  init();
  const regionOf = ({ base, bytes }: { base: number; bytes: number }): Uint8Array =>
    new Uint8Array(memory.buffer, base, bytes);
  const arena = regionOf(manifest.memory.arena);
  const state = regionOf(manifest.memory.state);
  writeValues(plan, state, initialValues(graph));
  const fills = plan.inputs.map((port) =>
    fillOf(feeds[port.name]!, arena.subarray(port.offset, port.offset + port.bytes), batch),
  );
  const run = async (call: RunCall): Promise<RunResult> => {
    const values: number[] = [];
    let k = 0;
    let yielded = Date.now();
    for (; k < call.steps && !call.signal?.aborted; k++) {
      for (const fill of fills) fill(call, k);
      infer();
      for (const output of outputsOf(plan, arena)) for (const v of output) values.push(v);
      if (Date.now() - yielded > YIELD_EVERY_MS) {
        call.onProgress?.(k + 1);
        await new Promise(setImmediate);
        yielded = Date.now();
      }
    }
    return { steps: k, values: Float32Array.from(values) };
  };
  return {
    run,
    readState: () => stateValues(plan, state),
    writeState: (values) => writeValues(plan, state, values),
    close: () => {},
  };
}

const outputsOf = (plan: Plan, arena: Uint8Array): Float32Array[] =>
  plan.outputs.map(({ offset, bytes }) => new Float32Array(arena.buffer, arena.byteOffset + offset, bytes / 4));

/** Writes one input's bytes for step k. */
function fillOf(feed: Feed, to: Uint8Array, batch: number): (call: RunCall, k: number) => void {
  const words = (array: Int32Array | Float32Array): void =>
    to.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  if (feed.kind === "sampleIds") return ({ indices }, k) => words(indices.subarray(k * batch, (k + 1) * batch));
  if (feed.kind === "step") return ({ firstStep }, k) => words(Int32Array.of(firstStep + k));
  if (feed.kind === "series") return ({ series }, k) => words(series![feed.row]!.subarray(k, k + 1));
  const from = new Uint8Array(feed.data.buffer, feed.data.byteOffset, feed.data.byteLength);
  const each = to.length / batch;
  return ({ indices }, k) => {
    for (let i = 0; i < batch; i++) {
      const sample = indices[k * batch + i]!;
      to.set(from.subarray(sample * each, (sample + 1) * each), i * each);
    }
  };
}
