/**
 * The plan: one document that the emitters, the report, the drawing, the runtime and the device agree on.
 * Regions: `arena` (temporaries, inputs, outputs), `state` (kept between calls; monitors last), `weights` (flash).
 * In RAM the state follows the arena. Offsets are bytes from the region's start, buffers are 16-aligned.
 */
import {
  type Family,
  type Lowered,
  type Node,
  type RequantizeForm,
  Tensor,
  type TensorType,
} from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import type { Graph, Named } from "../graph/graph.ts";
import { definitionOf, isLeaf } from "../graph/registry.ts";
import { type Call, constRoot, type KernelChoice, lowerNode } from "./lower-node.ts";
import { type Piece, type Placement, placeIntervals } from "./memory.ts";
import { candidateOrders, isStep, livenessOf, schedule } from "./schedule.ts";
import { ALIGNMENT, typeBytes } from "./sizes.ts";
import { placeState } from "./state-layout.ts";
import { layOut, type Storage } from "./storage.ts";
import { withViews } from "./views.ts";
import { WeightStore } from "./weight-store.ts";

export const PLAN_VERSION = 1;

export type Region = "arena" | "state" | "weights";
export interface Place {
  readonly region: Region;
  readonly offset: number;
  readonly bytes: number;
}

export type PlanArg =
  | { readonly region: Region; readonly offset: number }
  | { readonly i32: number }
  | { readonly f32: number };

export interface PlanStep {
  readonly name: string;
  readonly op: string;
  readonly kernel: string;
  /** Kernel source, relative to the kernel library, without `.ts`. */
  readonly source: string;
  readonly requantize: RequantizeForm | null;
  readonly args: readonly PlanArg[];
  /** The first output, for step by step comparison. */
  readonly output: Place & { readonly type: TensorType };
  readonly macs: number;
  /** Bytes of weights, biases and tables that this step reads. */
  readonly weightBytes: number;
  readonly parallel?: number;
}

export interface PlanBuffer extends Place {
  readonly name: string;
  readonly type?: TensorType;
  /** Steps between which the buffer holds a live value, both included; -1 is before the first. */
  readonly first: number;
  readonly last: number;
  /** Parts that live at different times, where there are several. */
  readonly pieces?: readonly Piece[];
}

export interface PlanPort extends Place {
  readonly name: string;
  readonly type: TensorType;
}

export interface Plan {
  readonly version: typeof PLAN_VERSION;
  readonly family: Family;
  readonly arenaBytes: number;
  readonly stateBytes: number;
  readonly weightsBytes: number;
  /** Largest sum of bytes live at one step: no plan can be smaller. */
  readonly arenaLowerBound: number;
  readonly monitors: { readonly offset: number; readonly bytes: number };
  readonly buffers: readonly PlanBuffer[];
  readonly steps: readonly PlanStep[];
  readonly inputs: readonly PlanPort[];
  readonly outputs: readonly PlanPort[];
  /** Params and states. */
  readonly states: readonly PlanPort[];
  /** What `init` copies into the state besides zeros. */
  readonly stateImages: readonly { readonly offset: number; readonly weights: number; readonly bytes: number }[];
}

export interface Planned {
  readonly plan: Plan;
  readonly weights: Uint8Array;
}

/** Plans a graph at its own shapes. Constants are packed for the kernels of `options`. */
export function planGraph(graph: Graph, options: KernelChoice): Planned {
  const weights = new WeightStore();
  const state = placeState(graph);
  const lowered = new Map(
    graph.nodes.filter((n) => !isLeaf(n)).map((node): [Node, Lowered] => [node, lowerNode(node, options)]),
  );
  const { calls, storage, placed } = candidateOrders(graph)
    .map((order) => arrange(graph, schedule(graph, order), lowered, state.offsets))
    .reduce((best, next) => (next.placed.bytes < best.placed.bytes ? next : best));
  const steps = calls.filter(isStep);
  const { inPlace } = storage.live;
  const arenaOffset = new Map(storage.arena.map(({ root }, i) => [root, placed.offsets[i]!]));
  const placeTensor = (t: Tensor): Place => {
    const { root, offset } = storage.rangeOf(t);
    const bytes = typeBytes(t.type);
    if (root.kind === "const") return { region: "weights", offset: weights.add(constRoot(t).data!), bytes };
    if (root.kind === "state") return { region: "state", offset: state.offsets.get(root.node!)! + offset, bytes };
    return { region: "arena", offset: arenaOffset.get(root)! + offset, bytes };
  };

  const planSteps = steps.map(({ node, lowered }): PlanStep => {
    let weightBytes = 0;
    const arg = (a: Lowered["args"][number]): PlanArg => {
      if ("i32" in a || "f32" in a) return a;
      if ("scratch" in a) return { region: "arena", offset: arenaOffset.get(storage.scratchOf(node)!)! + a.scratch };
      if ("const" in a) {
        const { data } = lowered.consts![a.const]!;
        weightBytes += data.byteLength;
        return { region: "weights", offset: weights.add(data) };
      }
      const p = placeTensor("input" in a ? node.inputs[a.input]! : tensorOf(node, a.output));
      if (p.region === "weights") weightBytes += p.bytes;
      return { region: p.region, offset: p.offset };
    };
    const definition = definitionOf(node.op);
    const output = placeTensor(tensorOf(node, 0));
    return {
      name: node.name,
      op: node.op,
      kernel: lowered.kernel!,
      source: `${node.op}/${lowered.file ?? node.op}.as`,
      requantize: lowered.requantize ?? null,
      args: lowered.args.map(arg),
      output: { ...output, type: node.types[0]! },
      macs:
        definition.macs?.(
          node.inputs.map((t) => t.type),
          node.types,
          node.attrs,
        ) ?? 0,
      weightBytes,
      ...(lowered.parallel === undefined ? {} : { parallel: lowered.parallel }),
    };
  });
  const copies = graph.updates
    .filter((u) => !inPlace.has(u.target.node))
    .map(
      ({ target, value }): PlanStep =>
        copyStep(`${target.node.name} update`, placeTensor(target), placeTensor(value), target.type),
    );

  const port = ({ name, tensor }: Named): PlanPort => ({ name, type: tensor.type, ...placeTensor(tensor) });
  const inputs = graph.inputs.map(port);
  const outputs = graph.outputs.map(port);
  const badOutput = outputs.find((o) => o.region !== "arena");
  if (badOutput)
    throw new PithError(
      "graph",
      `plan: output "${badOutput.name}" is a ${badOutput.region === "state" ? "state" : "constant"}, expected a computed value`,
    );
  const stateImages = state.images.map(({ node, data }) => ({
    offset: state.offsets.get(node)!,
    weights: weights.add(data),
    bytes: data.byteLength,
  }));
  const buffers = storage.arena.map(
    ({ root, interval: { pieces } }, i): PlanBuffer => ({
      name: root.name,
      region: "arena",
      offset: placed.offsets[i]!,
      bytes: root.bytes,
      first: Math.min(...pieces.map((p) => p.first)),
      last: Math.max(...pieces.map((p) => p.last)),
      ...(pieces.length > 1 ? { pieces } : {}),
      ...(root.type ? { type: root.type } : {}),
    }),
  );
  return {
    plan: {
      version: PLAN_VERSION,
      family: options.family,
      arenaBytes: placed.bytes,
      stateBytes: state.bytes,
      weightsBytes: weights.bytes,
      arenaLowerBound: placed.lowerBound,
      monitors: state.monitors,
      buffers,
      steps: [...planSteps, ...copies],
      inputs,
      outputs,
      states: [...state.offsets].map(([node, offset]) => ({
        name: node.name,
        type: node.types[0]!,
        region: "state" as const,
        offset,
        bytes: typeBytes(node.types[0]!),
      })),
      stateImages,
    },
    weights: weights.image(),
  };
}

const tensorOf = (node: Node, index: number): Tensor => new Tensor(node, index);

/** One order of the steps: views, liveness, storage and its placement. */
function arrange(
  graph: Graph,
  order: readonly Node[],
  lowered: ReadonlyMap<Node, Lowered>,
  states: ReadonlyMap<Node, number>,
): { calls: readonly Call[]; storage: Storage; placed: Placement } {
  const { calls, joined } = withViews(
    graph,
    order.filter((n) => !isLeaf(n)).map((node) => ({ node, lowered: lowered.get(node)! })),
  );
  const storage = layOut(graph, calls, livenessOf(graph, calls, joined), states);
  return {
    calls,
    storage,
    placed: placeIntervals(
      storage.arena.map((a) => a.interval),
      ALIGNMENT,
    ),
  };
}

function copyStep(name: string, target: Place, value: Place, type: TensorType): PlanStep {
  return {
    name,
    op: "copy",
    kernel: "copy",
    source: "copy/copy.as",
    requantize: null,
    args: [
      { region: target.region, offset: target.offset },
      { region: value.region, offset: value.offset },
      { i32: target.bytes },
    ],
    output: { ...target, type },
    macs: 0,
    weightBytes: 0,
    parallel: 1,
  };
}
