/** The native backend: many steps a call, on a thread of its own with a pool of workers. */
import { availableParallelism } from "node:os";
import { planGraph } from "../../compile/plan.ts";
import { PithError } from "../../error.ts";
import type { Backend, RunCall, RunResult, Session, StepProgram } from "./backend.ts";
import { initialValues, stateValues, writeValues } from "./memory.ts";
import { type NativeAddon, probeNative } from "./native.ts";
import { encodeProgram } from "./program.ts";

export interface CpuOptions {
  /** Threads that share a step; the number of processors when absent. Results do not depend on it. */
  readonly threads?: number | undefined;
  /** One of the addon's instruction sets; the fastest of this machine when absent. */
  readonly isa?: string | undefined;
}

/** Throws "unsupported" with the reason where the addon cannot be built or loaded. */
export async function cpuBackend(options: CpuOptions = {}): Promise<Backend> {
  const probe = await probeNative();
  if (!probe.available)
    throw new PithError(
      "unsupported",
      `backend "cpu": ${probe.reason}, expected a C++ compiler at first use (install g++, or train with backend "wasm")`,
    );
  const isa = options.isa ?? probe.isas.at(-1)!;
  if (!probe.isas.includes(isa))
    throw new PithError(
      "unsupported",
      `backend "cpu": isa "${isa}", expected one of ${probe.isas.join(", ")} (what this machine and build have)`,
    );
  const threads = options.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 1 || threads > 256)
    throw new PithError("usage", `backend "cpu": ${threads} threads, expected 1 to 256`);
  return { name: "cpu", isa, open: async (program) => openCpu(probe.addon, program, threads, isa) };
}

function openCpu(addon: NativeAddon, { graph, batch, feeds }: StepProgram, threads: number, isa: string): Session {
  const { plan, weights } = planGraph(graph, { family: "scalar" });
  const { bytes, sources } = encodeProgram(plan, batch, feeds);
  const session = addon.createSession(
    bytes,
    weights,
    sources.map((s) => s.data),
    Uint32Array.from(sources, (s) => s.sampleBytes),
    threads,
    isa,
  );
  const writeState = (values: ReturnType<Session["readState"]>): void => {
    const region = addon.readState(session);
    writeValues(plan, region, values);
    addon.writeState(session, region);
  };
  writeState(initialValues(graph));
  const width = plan.outputs.reduce((n, o) => n + o.bytes / 4, 0);
  return {
    run: (call) => runCpu(addon, session, call, width),
    readState: () => stateValues(plan, addon.readState(session)),
    writeState,
    close: () => addon.close(session),
  };
}

async function runCpu(addon: NativeAddon, session: number, call: RunCall, width: number): Promise<RunResult> {
  const { steps, firstStep, indices, series = [], signal, onProgress = () => {} } = call;
  const flat = new Float32Array(series.length * steps);
  series.forEach((row, i) => flat.set(row.subarray(0, steps), i * steps));
  if (signal?.aborted) return { steps: 0, values: new Float32Array(0) };
  const abort = (): void => addon.cancel(session);
  const running = addon.run(session, steps, firstStep, indices, flat, onProgress);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const values = await running;
    return { steps: width === 0 ? steps : values.length / width, values };
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
