/** Golden models through the importer and the plan of one family, without the rest of the compiler. */
import { readFileSync } from "node:fs";
import { difference, type GoldenEntry, goldenSets, modelFile } from "../../bench/goldens/sets.ts";
import type { Family } from "../../kernels/op.ts";
import { runPasses } from "../../sdk/compile/passes/pipeline.ts";
import { type Planned, planGraph } from "../../sdk/compile/plan.ts";
import { PithError } from "../../sdk/error.ts";
import { importTflite } from "../../sdk/formats/tflite/import.ts";
import type { Graph } from "../../sdk/graph/graph.ts";
import { compileKernels, type KernelModule, PlanRun } from "./plan-runner.ts";

/** A model's graph as it is compiled, or why there is none. */
export type Candidate =
  | { readonly entry: GoldenEntry; readonly graph: Graph }
  | { readonly entry: GoldenEntry; readonly refused: string };

/** Throws what is no typed error: those are defects, not gaps. */
export function importGolden(root: string, entry: GoldenEntry): Candidate {
  const path = modelFile(root, entry.name);
  return attempt(entry, () => ({
    entry,
    graph: runPasses(importTflite(readFileSync(path), `${entry.name}.tflite`).graph),
  }));
}

export interface FamilyRun {
  readonly module: KernelModule;
  readonly planned: ReadonlyMap<string, Planned>;
  /** Why a model has no plan in this family. */
  readonly refused: ReadonlyMap<string, string>;
}

export async function planFamily(
  candidates: readonly Candidate[],
  family: Family,
  longMultiply?: boolean,
): Promise<FamilyRun> {
  const planned = new Map<string, Planned>();
  const refused = new Map<string, string>();
  for (const candidate of candidates) {
    const { name } = candidate.entry;
    if ("refused" in candidate) refused.set(name, candidate.refused);
    else {
      const plan = attempt(candidate.entry, () => planGraph(candidate.graph, { family, longMultiply }));
      if ("refused" in plan) refused.set(name, plan.refused);
      else planned.set(name, plan);
    }
  }
  const module = await compileKernels(
    [...planned.values()].map((p) => p.plan),
    family,
  );
  return { module, planned, refused };
}

function attempt<T>(entry: GoldenEntry, run: () => T): T | { readonly entry: GoldenEntry; readonly refused: string } {
  try {
    return run();
  } catch (error) {
    if (error instanceof PithError && (error.code === "import" || error.code === "unsupported"))
      return { entry, refused: error.message };
    throw error;
  }
}

/** Why the model does not give what it should, or undefined: every set, every record, canaries included. */
export function mismatch(run: FamilyRun, root: string, entry: GoldenEntry): string | undefined {
  const planned = run.planned.get(entry.name);
  if (!planned) return run.refused.get(entry.name) ?? "no plan";
  const model = new PlanRun(run.module, planned);
  for (const set of goldenSets(root, entry)) {
    model.reset();
    for (let n = 0; n < set.count; n++) {
      if (set.state === "fresh") model.reset();
      const got = model.infer(set.inputs(n));
      for (const [j, want] of set.outputs(n).entries()) {
        const why = difference(got[j]!, want, set.tolerance);
        if (why) return `${set.name}record ${n}, output ${j}: ${why}`;
      }
    }
  }
  return undefined;
}
