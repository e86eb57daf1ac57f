/** Native targets: AOT module → C → image, compared with the portable module wherever it can run here. */
import { createHash } from "node:crypto";
import { selfTestInput } from "../../sdk/compile/abi.ts";
import { crc32 } from "../../sdk/compile/crc32.ts";
import { emitC } from "../../sdk/compile/emit-c/emit.ts";
import type { Place } from "../../sdk/compile/plan.ts";
import type { AotModule, Instructions, NativeArtifacts, NativeTarget } from "../../sdk/compile/target.ts";
import { PithError } from "../../sdk/error.ts";
import type { Manifest } from "../../sdk/runtime/manifest.ts";
import { kernelVersion } from "../../sdk/version.ts";
import { emulatorMissing, measureInstructions } from "./emulator.ts";
import { type HostTarget, runHost, runnerMissing } from "./host-model.ts";
import { type ImageSource, type LinkedImage, linkImage } from "./image.ts";
import { MACHINES, type Machine } from "./machine.ts";
import { findToolchain, type NativeTarget as TargetName } from "./toolchain.ts";

/** First 4 bytes of the SHA-256 of the manifest's JSON, little-endian. */
export const manifestHash = (manifest: Manifest): number =>
  createHash("sha256").update(JSON.stringify(manifest)).digest().readUInt32LE(0);

/** The C of a model with the tables of its plan. */
export function imageSource(module: AotModule, target: TargetName): ImageSource {
  const { name, plan, manifest } = module;
  const inRam = ({ region, offset, bytes }: Place): { offset: number; bytes: number } => {
    if (region === "weights") throw new PithError("internal", `${name}: a step's output lies in the weights`);
    return { offset: region === "arena" ? offset : plan.arenaBytes + offset, bytes };
  };
  const ports = (list: readonly (Place & { name: string })[]): { name: string; offset: number; bytes: number }[] =>
    list.map((p) => ({ name: p.name, ...inRam(p) }));
  const steps = plan.steps.map((s) => ({ name: s.name, ...inRam(s.output) }));
  const { c, h } = emitC(module.wasm, {
    name,
    target,
    weights: module.weights,
    arenaBytes: plan.arenaBytes,
    stateBytes: plan.stateBytes,
    inputs: ports(plan.inputs),
    outputs: ports(plan.outputs),
    stepCount: plan.steps.length,
    comments: (i) => plan.steps[i] && `${plan.steps[i].op} ${plan.steps[i].name}`,
  });
  return {
    name,
    c,
    h,
    target,
    ramBytes: plan.arenaBytes + plan.stateBytes,
    inputs: ports(plan.inputs),
    outputs: ports(plan.outputs),
    steps,
    state: { name: "state", offset: plan.arenaBytes, bytes: plan.stateBytes },
    monitors: { name: "monitors", offset: plan.arenaBytes + plan.monitors.offset, bytes: plan.monitors.bytes },
    selfTest: module.selfTest,
    manifestHash: manifestHash(manifest),
    kernelVersion,
  };
}

interface Measured {
  readonly sameBytes: { readonly vectors: number; readonly equal: number };
  readonly instructions?: Instructions;
}

async function build(module: AotModule, target: TargetName, wanted: boolean): Promise<NativeArtifacts> {
  const source = imageSource(module, target);
  const emitted = { c: source.c, h: source.h };
  const toolchain = await findToolchain(target);
  if ("missing" in toolchain)
    return { ...emitted, missing: `${toolchain.missing}; the C was written, nothing was compiled or measured` };
  const image = await linkImage(source);
  const built: NativeArtifacts = {
    ...emitted,
    payload: image.payload,
    sizes: { code: image.sizes.code, tables: image.sizes.descriptorAndTables },
    stackBytes: image.stackBytes,
    toolchain: image.compiler,
  };
  if (!wanted) return built;
  const measured = await (target === "host" || target === "linux-arm64"
    ? measureProcess(source, target)
    : measureEmulated(source, target, image));
  return typeof measured === "string" ? { ...built, missing: measured } : { ...built, ...measured };
}

const vectorsOf = (source: ImageSource): readonly Uint8Array[] => {
  const bytes = source.inputs.reduce((n, i) => n + i.bytes, 0);
  return source.selfTest.map(({ seed }) => selfTestInput(seed, bytes));
};

function sameBytes(source: ImageSource, outputs: readonly Uint8Array[]): Measured["sameBytes"] {
  const equal = source.selfTest.filter(({ crc }, i) => crc32(outputs[i]!) === crc).length;
  if (equal !== source.selfTest.length)
    throw new PithError(
      "internal",
      `${source.name}: ${equal} of ${source.selfTest.length} vectors give the portable module's bytes on ${source.target}, expected all (please report this model)`,
    );
  return { vectors: source.selfTest.length, equal };
}

async function measureProcess(source: ImageSource, target: HostTarget): Promise<Measured | string> {
  const missing = await runnerMissing(target);
  if (missing) return `${missing.missing}; no bytes were compared`;
  const model = await runHost(source, { target });
  try {
    const outputs: Uint8Array[] = [];
    for (const vector of vectorsOf(source)) {
      await model.init();
      const inputs = source.inputs.map(({ bytes }, i) => {
        const at = source.inputs.slice(0, i).reduce((n, p) => n + p.bytes, 0);
        return vector.slice(at, at + bytes);
      });
      outputs.push(Buffer.concat(await model.infer(inputs)));
    }
    return { sameBytes: sameBytes(source, outputs) };
  } finally {
    await model.close();
  }
}

async function measureEmulated(
  source: ImageSource,
  target: TargetName,
  image: LinkedImage,
): Promise<Measured | string> {
  const missing = await emulatorMissing(target);
  if (missing) return `${missing.missing}; no instructions were counted and no bytes compared`;
  const measured = await measureInstructions(target, image.payload, vectorsOf(source), { fresh: true });
  if (!measured) return "the emulator gave no measurement";
  return {
    sameBytes: sameBytes(source, measured.outputs),
    instructions: { init: measured.init, infer: measured.infer, steps: measured.steps },
  };
}

const nativeTarget = ({ name, about, family, longMultiply }: Machine): NativeTarget => ({
  name,
  about,
  family,
  longMultiply,
  build: (module, { measure }) => build(module, name, measure),
});

/** The native target of each machine, by name. */
export const NATIVE_TARGETS: Readonly<Record<string, NativeTarget>> = Object.fromEntries(
  MACHINES.map((machine) => [machine.name, nativeTarget(machine)]),
);
