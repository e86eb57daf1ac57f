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
import { type Call, constRoot, lowerNode } from "./lower-node.ts";
import { type Interval, placeIntervals } from "./memory.ts";
import { inPlaceUpdates, lastUses, schedule } from "./schedule.ts";
import { align16, typeBytes } from "./sizes.ts";
import { placeState } from "./state-layout.ts";
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

/** One storage: an arena interval, or a fixed place. Views and in-place results share their input's storage. */
interface Storage {
  name: string;
  bytes: number;
  first: number;
  last: number;
  fixed: { region: "state" | "weights"; offset: number } | undefined;
  type: TensorType | undefined;
}

/** Plans a graph at its own shapes. Constants are packed for `family`. */
export function planGraph(graph: Graph, options: { family: Family }): Planned {
  const nodes = schedule(graph);
  const weights = new WeightStore();
  const storages = new Map<Node, Storage[]>();
  const storageOf = (t: Tensor): Storage => storages.get(t.node)![t.index]!;
  const arena: Storage[] = [];
  const newArena = (name: string, bytes: number, first: number, type?: TensorType): Storage => {
    const s: Storage = { name, bytes, first, last: first, fixed: undefined, type };
    arena.push(s);
    return s;
  };

  const state = placeState(graph);
  for (const node of graph.nodes) {
    const [type] = node.types;
    if (node.op === "input") storages.set(node, [newArena(node.name, typeBytes(type!), -1, type)]);
    else if (node.op === "const")
      storages.set(node, [
        {
          name: node.name,
          bytes: typeBytes(type!),
          first: -1,
          last: -1,
          fixed: { region: "weights", offset: -1 },
          type,
        },
      ]);
    else if (state.offsets.has(node))
      storages.set(node, [
        {
          name: node.name,
          bytes: typeBytes(type!),
          first: -1,
          last: -1,
          fixed: { region: "state", offset: state.offsets.get(node)! },
          type,
        },
      ]);
  }

  const calls: Call[] = nodes
    .filter((n) => !isLeaf(n))
    .map((node) => ({ node, lowered: lowerNode(node, options.family) }));
  const steps = calls.filter((c) => c.lowered.kernel !== null);
  const stepOf = new Map(steps.map((c, i) => [c.node, i]));
  const lastUse = lastUses(graph, calls, stepOf, steps.length);
  const inPlace = inPlaceUpdates(graph, calls, lastUse, stepOf);

  for (const node of graph.nodes) if (node.op === "input") storages.get(node)![0]!.last = lastUse.get(node)?.[0] ?? -1;

  const scratch = new Map<Node, Storage>();
  let at = -1;
  for (const { node, lowered } of calls) {
    at = stepOf.get(node) ?? at;
    storages.set(
      node,
      node.types.map((type, i) => {
        const shared = sharedStorage(node, lowered, i, at, storageOf, lastUse, inPlace);
        const s =
          shared ?? newArena(node.types.length > 1 ? `${node.name}.${i}` : node.name, typeBytes(type), at, type);
        s.last = Math.max(s.last, at, lastUse.get(node)?.[i] ?? at);
        return s;
      }),
    );
    if (lowered.scratchBytes) scratch.set(node, newArena(`${node.name} scratch`, lowered.scratchBytes, at));
  }
  const placed = placeIntervals(
    arena.map((s): Interval => ({ bytes: align16(s.bytes), first: s.first, last: s.last })),
  );
  const arenaOffset = new Map(arena.map((s, i) => [s, placed.offsets[i]!]));
  const place = (s: Storage): Place =>
    s.fixed ? { ...s.fixed, bytes: s.bytes } : { region: "arena", offset: arenaOffset.get(s)!, bytes: s.bytes };
  const placeTensor = (t: Tensor): Place => {
    const p = place(storageOf(t));
    if (p.region !== "weights" || p.offset >= 0) return { ...p, bytes: typeBytes(t.type) };
    const root = constRoot(t);
    return { region: "weights", offset: weights.add(root.data!), bytes: typeBytes(t.type) };
  };

  const planSteps = steps.map(({ node, lowered }): PlanStep => {
    let weightBytes = 0;
    const arg = (a: Lowered["args"][number]): PlanArg => {
      if ("i32" in a || "f32" in a) return a;
      if ("scratch" in a) return { region: "arena", offset: arenaOffset.get(scratch.get(node)!)! + a.scratch };
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
  const buffers = arena.map(
    (s, i): PlanBuffer => ({
      name: s.name,
      region: "arena",
      offset: placed.offsets[i]!,
      bytes: s.bytes,
      first: s.first,
      last: s.last,
      ...(s.type ? { type: s.type } : {}),
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

function sharedStorage(
  node: Node,
  lowered: Lowered,
  index: number,
  at: number,
  storageOf: (t: Tensor) => Storage,
  lastUse: ReadonlyMap<Node, number[]>,
  inPlace: ReadonlyMap<Node, Tensor>,
): Storage | undefined {
  if (lowered.kernel === null) return storageOf(node.inputs[0]!);
  for (const [out, input] of lowered.alias ?? []) {
    const t = node.inputs[input];
    if (out !== index || !t) continue;
    const s = storageOf(t);
    const written = inPlace.get(t.node);
    if (written?.node === node && written.index === index) return s;
    const dies = s.fixed === undefined && s.last <= at && (lastUse.get(t.node)?.[t.index] ?? -1) <= at;
    if (
      dies &&
      s.bytes >= typeBytes(node.types[index]!) &&
      node.inputs.filter((other) => storageOf(other) === s).length === 1
    )
      return s;
  }
  return undefined;
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
