/** The native addon: built at first use by scripts/build-native.mjs, found, loaded, its absence explained. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PithError } from "../../error.ts";

/** The exports of sdk/train/native/addon.cc. */
export interface NativeAddon {
  isas(): string[];
  kernels(): string[];
  createSession(
    program: Uint8Array,
    weights: Uint8Array,
    sources: readonly Uint8Array[],
    sampleBytes: Uint32Array,
    threads: number,
    isa: string,
  ): number;
  run(
    session: number,
    steps: number,
    firstStep: number,
    indices: Int32Array,
    series: Float32Array,
    onProgress: (done: number) => void,
  ): Promise<Float32Array>;
  cancel(session: number): void;
  close(session: number): void;
  readState(session: number): Uint8Array;
  writeState(session: number, bytes: Uint8Array): void;
  /** What is alive in this process, for tests. */
  counts(): { sessions: number; workers: number };
}

export type Probe =
  | { readonly available: true; readonly addon: NativeAddon; readonly isas: readonly string[] }
  | { readonly available: false; readonly reason: string };

const packageRoot = ((): string => {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "asconfig.json"))) dir = dirname(dir);
  return dir;
})();

let probing: Promise<Probe> | undefined;

/** Whether the CPU backend is there, and why not. Builds it if needed (seconds, once); never throws. */
export function probeNative(): Promise<Probe> {
  probing ??= load();
  return probing;
}

async function load(): Promise<Probe> {
  if (process.env["PITH_NO_NATIVE"]) return { available: false, reason: "PITH_NO_NATIVE is set" };
  try {
    const script: unknown = await import(pathToFileURL(join(packageRoot, "scripts", "build-native.mjs")).href);
    const status = await builderOf(script)();
    if (!status.built) return { available: false, reason: status.reason };
    const addon = createRequire(import.meta.url)(join(packageRoot, "build", "native", "pith.node")) as NativeAddon;
    return { available: true, addon, isas: addon.isas() };
  } catch (error) {
    return { available: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

type Builder = () => Promise<{ readonly built: boolean; readonly reason: string }>;

function builderOf(script: unknown): Builder {
  if (
    typeof script === "object" &&
    script !== null &&
    "buildNative" in script &&
    typeof script.buildNative === "function"
  )
    return script.buildNative as Builder;
  throw new PithError("internal", "scripts/build-native.mjs: no export buildNative");
}
