/** The pass lists, in order. The verifier runs after every pass. */
import type { Graph } from "../../graph/graph.ts";
import { verifyGraph } from "../../graph/verify.ts";
import { inferenceForm } from "../../train/forms.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";
import { freeze } from "./freeze.ts";
import { fuseActivation } from "./fuse-activation.ts";
import { fusePad } from "./fuse-pad.ts";
import { simplify } from "./simplify.ts";
import { sinkReshape } from "./sink-reshape.ts";

type Pass = readonly [name: string, run: (graph: Graph) => Graph];

/** From a traced or trained graph to what is calibrated, quantized and compiled. */
const INFERENCE_PASSES: readonly Pass[] = [
  ["inference-form", inferenceForm],
  ["freeze", freeze],
  ["sink-reshape", sinkReshape],
  ["fold-batch-norm", foldBatchNorm],
  ["fuse-activation", fuseActivation],
  ["fuse-pad", fusePad],
  ["simplify", simplify],
];

export function runPasses(graph: Graph, passes: readonly Pass[] = INFERENCE_PASSES): Graph {
  return passes.reduce((g, [name, run]) => {
    const out = run(g);
    verifyGraph(out, name);
    return out;
  }, graph);
}
