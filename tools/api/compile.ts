/** compile() as users call it: targets by name, builds that know the names of their inputs and outputs. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Build, compileModel } from "../../sdk/compile/compile.ts";
import type { Model } from "../../sdk/model.ts";
import type { QuantizedModel } from "../../sdk/quantize/quantized.ts";
import { targetNamed } from "../../targets/index.ts";
import { buildFiles } from "../cli/build-files.ts";
import { writeWhole } from "../cli/write-file.ts";

export interface NamedBuild<O extends string = string> extends Build {
  /** Names only: the type of what the build answers. */
  readonly outputNames?: O;
  /** Writes the files that `pith compile -o folder` writes; returns their names. */
  save(folder: string): Promise<readonly string[]>;
}

export interface CompileRequest {
  /** "wasm", "host", "cortex-m4": `pith targets` lists them. */
  readonly target: string;
  /** Budgets in bytes; a build that needs more throws "budget" naming what costs most. */
  readonly flash?: number;
  readonly ram?: number;
  /** Symbol prefix: the model's name when absent. */
  readonly name?: string;
  /** Count instructions and compare bytes where possible; true when absent. */
  readonly measure?: boolean;
}

/** Compiles a model: the portable module always, native code where the target asks for it. */
export async function compile<O extends string = string>(
  model: Model | QuantizedModel<O>,
  { target, ...options }: CompileRequest,
): Promise<NamedBuild<O>> {
  const build = await compileModel(model, { ...options, target: targetNamed(target) });
  return {
    ...build,
    async save(folder) {
      mkdirSync(folder, { recursive: true });
      const files = buildFiles(build);
      for (const [name, content] of files) writeWhole(join(folder, name), content);
      return [...files.keys()];
    },
  };
}
