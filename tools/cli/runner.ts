/** Where `pith run` runs a model: in Node, as native code, or on a board. */
import type { TypedArray } from "../../kernels/op.ts";
import { PithError } from "../../sdk/error.ts";
import type { Manifest, ManifestPort } from "../../sdk/runtime/manifest.ts";
import { loadModule, viewAs } from "../../sdk/runtime/module.ts";
import type { Context } from "./command.ts";
import { moduleOf } from "./infer-module.ts";
import type { Opened } from "./load-model.ts";

export interface Runner {
  readonly manifest: Manifest;
  /** The steps whose outputs `infer` returns on request. */
  readonly stepPorts: readonly Pick<ManifestPort, "name" | "dtype" | "shape">[];
  infer(
    inputs: Record<string, TypedArray>,
    steps: boolean,
  ): Promise<{ readonly outputs: Record<string, TypedArray>; readonly steps?: readonly TypedArray[] }>;
  /** Resets state. */
  reset(): Promise<void>;
}

export async function runnerFor(on: string, opened: Opened, _context: Context): Promise<Runner> {
  if (on === "wasm") return wasmRunner(opened);
  throw new PithError("unsupported", `--on ${on}: not supported in this version, expected wasm`);
}

async function wasmRunner(opened: Opened): Promise<Runner> {
  const module = opened.kind === "module" ? await loadModule(opened.wasm) : await moduleOf(opened.model);
  const { manifest } = module;
  return {
    manifest,
    stepPorts: manifest.steps,
    reset: async () => module.reset(),
    async infer(inputs, steps) {
      if (!steps) return { outputs: module.infer(inputs) };
      const found = module.steps(inputs);
      return { outputs: found.outputs, steps: found.steps.map((bytes, i) => viewAs(manifest.steps[i]!.dtype, bytes)) };
    },
  };
}
