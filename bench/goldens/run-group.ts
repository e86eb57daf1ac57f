/** A group of golden models on a target: one module, one build, one start, all records. */
import { assemble } from "../../sdk/compile/assemble.ts";
import { C_TARGET_NAMES, type CTarget } from "../../sdk/compile/emit-c/prelude.ts";
import { emitEntry, portableBases } from "../../sdk/compile/emit-entry.ts";
import { manifestOf } from "../../sdk/compile/portable.ts";
import { appendSections } from "../../sdk/compile/wasm/sections.ts";
import { PithError } from "../../sdk/error.ts";
import { createGraph } from "../../sdk/graph/graph.ts";
import { MANIFEST_SECTION } from "../../sdk/runtime/manifest.ts";
import { loadModule } from "../../sdk/runtime/module.ts";
import { joinPorts, splitPorts } from "../../sdk/runtime/ports.ts";
import { emulatorMissing, measureInstructions } from "../../targets/native/emulator.ts";
import { MICROBIT } from "../../targets/native/emulators.ts";
import { runHost, runnerMissing } from "../../targets/native/host-model.ts";
import { linkImage } from "../../targets/native/image.ts";
import { machineNamed } from "../../targets/native/machine.ts";
import { imageSource } from "../../targets/native/target.ts";
import { type Job, jobInputs, jobsOf, type Member, mismatches, needsPortable, planGroup } from "./group.ts";

export type GoldenTarget = CTarget | "wasm";
export const GOLDEN_TARGETS: readonly GoldenTarget[] = ["wasm", ...C_TARGET_NAMES];

/** Outputs of each record of each job. */
type Answers = readonly (readonly Uint8Array[])[];

export interface RunOptions {
  /** The most records of a set; all by default. */
  readonly records?: number;
}

/** What a target lacks here, or undefined. */
export async function targetMissing(target: GoldenTarget): Promise<string | undefined> {
  if (target === "wasm") return undefined;
  return (await (isProcess(target) ? runnerMissing(target) : emulatorMissing(target)))?.missing;
}

const isProcess = (target: CTarget): target is "host" | "linux-arm64" => target === "host" || target === "linux-arm64";

/** Why each member's answers on a target are not what they must be; members that are right are absent. */
export async function mismatchesOn(
  target: GoldenTarget,
  members: readonly Member[],
  { records }: RunOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const jobs = jobsOf(members, records);
  const whys = new Map<string, string>();
  let got: Answers;
  try {
    got = await answersOn(target, members, jobs);
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    // A fault has no name: halves tell which model it is.
    const [first] = members;
    if (members.length === 1) return new Map([[first!.name, error.message]]);
    const half = members.length >> 1;
    for (const part of [members.slice(0, half), members.slice(half)])
      for (const [name, why] of await mismatchesOn(target, part, { ...(records === undefined ? {} : { records }) }))
        whys.set(name, why);
    return whys;
  }
  const portable = target !== "wasm" && needsPortable(members) ? await answersOn("wasm", members, jobs) : undefined;
  for (const [j, job] of jobs.entries())
    for (const [name, why] of mismatches(members, job, got[j]!, portable?.[j]))
      if (!whys.has(name)) whys.set(name, why);
  return whys;
}

function answersOn(target: GoldenTarget, members: readonly Member[], jobs: readonly Job[]): Promise<Answers> {
  if (target === "wasm") return portableAnswers(members, jobs);
  return nativeAnswers(target, members, jobs);
}

/** Ports are placed by the plan; units and labels are of no concern here. */
const NO_GRAPH = createGraph({ inputs: [], outputs: [] });
const FACTS = { name: "m", labels: undefined, run: undefined, monitorLayout: undefined };

async function portableAnswers(members: readonly Member[], jobs: readonly Job[]): Promise<Answers> {
  const { plan, weights } = planGroup(members, { family: "pairdot" });
  const bases = portableBases(plan);
  const options = { family: "pairdot", flavour: "portable", memoryBytes: bases.end } as const;
  const code = await assemble(emitEntry("m", plan, "portable"), options);
  const manifest = new TextEncoder().encode(JSON.stringify(manifestOf(NO_GRAPH, plan, FACTS)));
  const model = await loadModule(
    appendSections(code, {
      data: [{ address: bases.weights, bytes: weights }],
      custom: [{ name: MANIFEST_SECTION, contents: manifest }],
    }),
  );
  const { inputs, outputs } = model.manifest;
  return jobs.map((job) => {
    model.reset();
    return Array.from({ length: job.count }, (_, n) => {
      if (job.state === "fresh") model.reset();
      return joinPorts(outputs, model.infer(splitPorts(inputs, jobInputs(job, n))));
    });
  });
}

async function nativeAnswers(target: CTarget, members: readonly Member[], jobs: readonly Job[]): Promise<Answers> {
  const { family, longMultiply } = machineNamed(target);
  const { plan, weights } = planGroup(members, { family, longMultiply });
  const wasm = await assemble(emitEntry("m", plan, "aot"), { family, flavour: "aot", memoryBytes: 65536 });
  const manifest = manifestOf(NO_GRAPH, plan, FACTS);
  const source = imageSource({ name: "m", wasm, plan, weights, manifest, selfTest: [] }, target);
  const answers: Uint8Array[][] = [];
  if (isProcess(target)) {
    const model = await runHost(source, { target });
    try {
      for (const job of jobs) {
        const outputs: Uint8Array[] = [];
        await model.init();
        for (let n = 0; n < job.count; n++) {
          if (job.state === "fresh") await model.init();
          outputs.push(Buffer.concat(await model.infer(cut(jobInputs(job, n), source.inputs))));
        }
        answers.push(outputs);
      }
    } finally {
      await model.close();
    }
    return answers;
  }
  const { payload, stackBytes } = await linkImage(source);
  // Code of an M0+ runs on a real ARMv6-M, where what that lacks faults.
  const emulator = target === "cortex-m0plus" ? { emulator: MICROBIT } : {};
  for (const job of jobs) {
    const inputs = Array.from({ length: job.count }, (_, n) => jobInputs(job, n));
    const measured = await measureInstructions(target, payload, inputs, { ...emulator, fresh: job.state === "fresh" });
    if (measured!.stackBytes > stackBytes)
      throw new PithError(
        "internal",
        `stack: ${measured!.stackBytes} bytes on ${target}, expected at most ${stackBytes}`,
      );
    answers.push([...measured!.outputs]);
  }
  return answers;
}

function cut(bytes: Uint8Array, ports: readonly { readonly bytes: number }[]): Uint8Array[] {
  let at = 0;
  return ports.map((port) => {
    at += port.bytes;
    return bytes.subarray(at - port.bytes, at);
  });
}
