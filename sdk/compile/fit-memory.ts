/** Chooses patch-wise execution where the plain plan needs more RAM than there is. */
import type { Graph } from "../graph/graph.ts";
import type { KernelChoice } from "./lower-node.ts";
import { type Patch, patchesOf, patchLeading } from "./passes/patch.ts";
import { planGraph } from "./plan.ts";

/** `ram` in bytes, arena and state; 0: as little as possible. The graph itself where it fits or nothing needs less. */
export function fitMemory(
  graph: Graph,
  choice: KernelChoice,
  ram?: number,
): { graph: Graph; patch?: Patch | undefined } {
  const bytesOf = (g: Graph): number => {
    const { plan } = planGraph(g, choice);
    return plan.arenaBytes + plan.stateBytes;
  };
  if (ram === undefined) return { graph };
  let best: { graph: Graph; patch?: Patch | undefined; bytes: number } = { graph, bytes: bytesOf(graph) };
  if (best.bytes <= ram) return { graph };
  for (const patch of patchesOf(graph)) {
    const patched = patchLeading(graph, patch);
    const bytes = bytesOf(patched);
    if (bytes < best.bytes) best = { graph: patched, patch, bytes };
  }
  return best;
}
