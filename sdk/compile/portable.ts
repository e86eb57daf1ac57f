/** Graph to portable module: plan, entry, asc, our own data and manifest sections. */
import type { Family } from "../../kernels/op.ts";
import type { Graph } from "../graph/graph.ts";
import { verifyGraph } from "../graph/verify.ts";
import { MANIFEST_SECTION, MANIFEST_VERSION, type Manifest } from "../runtime/manifest.ts";
import { version } from "../version.ts";
import { assemble } from "./assemble.ts";
import { emitEntry, portableBases } from "./emit-entry.ts";
import { type Plan, type PlanPort, planGraph } from "./plan.ts";
import { appendSections } from "./wasm/sections.ts";

export interface ModelFacts {
  /** C identifier; prefixes every export. */
  readonly name: string;
  readonly labels?: readonly string[] | undefined;
  readonly run?: string | undefined;
  readonly monitorLayout?: unknown;
}

export interface PortableModule {
  readonly wasm: Uint8Array;
  readonly plan: Plan;
  readonly weights: Uint8Array;
  readonly manifest: Manifest;
}

/** Family `pairdot` (SIMD) by default; `scalar` is its test twin. */
export async function compilePortable(
  graph: Graph,
  facts: ModelFacts,
  family: Family = "pairdot",
): Promise<PortableModule> {
  verifyGraph(graph, "compile");
  const { plan, weights } = planGraph(graph, { family });
  const bases = portableBases(plan);
  const code = await assemble(emitEntry(facts.name, plan, "portable"), {
    family,
    flavour: "portable",
    memoryBytes: bases.end,
  });
  const manifest = manifestOf(graph, plan, facts);
  const wasm = appendSections(code, {
    data: weights.length > 0 ? [{ address: bases.weights, bytes: weights }] : [],
    custom: [{ name: MANIFEST_SECTION, contents: new TextEncoder().encode(JSON.stringify(manifest)) }],
  });
  return { wasm, plan, weights, manifest };
}

export function manifestOf(graph: Graph, plan: Plan, facts: ModelFacts): Manifest {
  const bases = portableBases(plan);
  const units = new Map(graph.inputs.map(({ name, tensor }) => [name, tensor.node.attrs["unit"]]));
  const port = (p: PlanPort): Manifest["inputs"][number] => {
    const unit = units.get(p.name);
    return {
      name: p.name,
      dtype: p.type.dtype,
      shape: p.type.shape,
      ...(p.type.quant ? { quant: p.type.quant } : {}),
      ...(typeof unit === "string" ? { unit } : {}),
      offset: p.offset,
      bytes: p.bytes,
    };
  };
  return {
    version: MANIFEST_VERSION,
    name: facts.name,
    pith: version,
    family: plan.family,
    inputs: plan.inputs.map(port),
    outputs: plan.outputs.map(port),
    ...(facts.labels ? { labels: facts.labels } : {}),
    ...(facts.run ? { run: facts.run } : {}),
    memory: {
      arena: { base: bases.arena, bytes: plan.arenaBytes },
      state: { base: bases.state, bytes: plan.stateBytes },
      weights: { base: bases.weights, bytes: plan.weightsBytes },
    },
    monitors: { ...plan.monitors, ...(facts.monitorLayout === undefined ? {} : { layout: facts.monitorLayout }) },
    steps: plan.steps.map((s) => ({
      name: s.name,
      op: s.op,
      dtype: s.output.type.dtype,
      shape: s.output.type.shape,
      region: s.output.region,
      offset: s.output.offset,
      bytes: s.output.bytes,
    })),
  };
}
