/** Golden models through the importer and the plan of one family, without the rest of the compiler. */
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { difference, type GoldenEntry, goldenSets, modelFile } from "../../bench/goldens/sets.ts";
import { FAMILIES, type Family } from "../../kernels/op.ts";
import { kernelFolder } from "../../sdk/compile/assemble.ts";
import type { KernelChoice } from "../../sdk/compile/lower-node.ts";
import { runPasses } from "../../sdk/compile/passes/pipeline.ts";
import { type Planned, planGraph } from "../../sdk/compile/plan.ts";
import { PithError } from "../../sdk/error.ts";
import { importTflite } from "../../sdk/formats/tflite/import.ts";
import type { Graph } from "../../sdk/graph/graph.ts";
import { compileKernels, digest, type KernelModule, PlanRun } from "./plan-runner.ts";

/** For all kernels of the library in one go: half a minute of an idle core, far more of a busy one. */
export const COMPILE_MS = 600_000;

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

export interface FamilyPlans {
  /** The family, and what else chose the kernels. */
  readonly label: string;
  readonly family: Family;
  /** By model; those that another family runs with the very same code and data are left out. */
  readonly planned: ReadonlyMap<string, Planned>;
  /** Why a model has no plan in this family. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface FamilyRun extends FamilyPlans {
  readonly module: KernelModule;
}

/** What kernels are chosen by; pairdot, what the portable module is built of, comes first. */
const CHOICES: readonly (readonly [label: string, choice: KernelChoice])[] = [
  ...FAMILIES.toSorted((a, b) => Number(b === "pairdot") - Number(a === "pairdot")).map(
    (family) => [family, { family }] as const,
  ),
  ["scalar with a long multiply", { family: "scalar", longMultiply: true }],
];

/** The plans of all choices, each distinct one once. */
export function planFamilies(candidates: readonly Candidate[]): readonly FamilyPlans[] {
  const seen = new Set<string>();
  return CHOICES.map(([label, choice]) => {
    const planned = new Map<string, Planned>();
    const refused = new Map<string, string>();
    for (const candidate of candidates) {
      const { name } = candidate.entry;
      const plan =
        "refused" in candidate ? candidate : attempt(candidate.entry, () => planGraph(candidate.graph, choice));
      if ("refused" in plan) refused.set(name, plan.refused);
      else {
        const print = fingerprint(name, plan);
        if (!seen.has(print)) planned.set(name, plan);
        seen.add(print);
      }
    }
    return { label, family: choice.family, planned, refused };
  });
}

/** Equal where the same kernels run on the same arguments and constants, whatever the family. */
function fingerprint(name: string, { plan, weights }: Planned): string {
  const family = plan.steps.some((s) => dependsOnFamily(`${s.source}.ts`)) ? plan.family : "";
  return `${name} ${family} ${JSON.stringify(plan.steps)} ${digest(weights)}`;
}

const dependence = new Map<string, boolean>();

/** Whether a kernel source imports micro-kernels, which are resolved by family. */
function dependsOnFamily(source: string): boolean {
  const known = dependence.get(source);
  if (known !== undefined) return known;
  const text = readFileSync(join(kernelFolder, source), "utf8");
  const imports = [...text.matchAll(/^(?:import|export) [^;]*? from "([^"]+)"/gm)].map(([, path]) => path!);
  const found =
    source.startsWith("isa/") ||
    imports.some((path) => path.includes("isa/") || dependsOnFamily(`${posix.join(posix.dirname(source), path)}.ts`));
  dependence.set(source, found);
  return found;
}

export const compileFamily = async (plans: FamilyPlans): Promise<FamilyRun> => ({
  ...plans,
  module: await compileKernels(
    [...plans.planned.values()].map((p) => p.plan),
    plans.family,
  ),
});

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
