/**
 * The plan: one document that the emitters, the report, the drawing, the runtime and the device agree on.
 * Regions: `arena` (temporaries, inputs, outputs), `state` (kept between calls; monitors last), `weights` (flash).
 * In RAM the state follows the arena. Offsets are bytes from the region's start, buffers are 16-aligned.
 */
import {
  DTYPE_BYTES,
  elements,
  type Family,
  type Lowered,
  type Node,
  Tensor,
  type TensorType,
  type TypedArray,
} from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import type { Graph, Named } from "../graph/graph.ts";
import { definitionOf, isLeaf } from "../graph/registry.ts";
import { type Interval, placeIntervals } from "./memory.ts";

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

export const align16 = (bytes: number): number => (bytes + 15) & ~15;
export const typeBytes = (type: TensorType): number => elements(type.shape) * DTYPE_BYTES[type.dtype];

/** One storage: an arena interval, or a fixed place. Views and in-place results share their input's storage. */
interface Storage {
  name: string;
  bytes: number;
  first: number;
  last: number;
  fixed: { region: "state" | "weights"; offset: number } | undefined;
  type: TensorType | undefined;
}

interface Call {
  readonly node: Node;
  readonly lowered: Lowered;
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

function lowerNode(node: Node, family: Family): Lowered {
  const constantNode = (index: number): Node | undefined => {
    const t = node.inputs[index];
    return t && constRootOrUndefined(t);
  };
  return definitionOf(node.op).lower({
    inputs: node.inputs.map((t) => t.type),
    outputs: node.types,
    attrs: node.attrs,
    family,
    isConstant: (index) => constantNode(index) !== undefined,
    constant: (index) => {
      const found = constantNode(index);
      if (!found)
        throw new PithError(
          "unsupported",
          `${node.op} "${node.name}": input ${index} is computed, expected a constant (this kernel packs it at compile time)`,
        );
      return found.data!;
    },
  });
}

/** The constant behind a tensor, seen through views. */
function constRootOrUndefined(t: Tensor): Node | undefined {
  if (t.node.op === "const") return t.node;
  return t.node.op === "reshape" ? constRootOrUndefined(t.node.inputs[0]!) : undefined;
}
const constRoot = (t: Tensor): Node => {
  const root = constRootOrUndefined(t);
  if (!root) throw new PithError("internal", `plan: "${t.node.name}" lies in the weights and is no constant`);
  return root;
};

/**
 * Topological order with the nodes that only feed updates moved to the end, so that a state can be updated in
 * place after its last reader.
 */
function schedule(graph: Graph): readonly Node[] {
  const readers = new Map<Node, number>();
  for (const node of graph.nodes) for (const t of node.inputs) readers.set(t.node, (readers.get(t.node) ?? 0) + 1);
  const outputs = new Set(graph.outputs.map((o) => o.tensor.node));
  const values = new Set(graph.updates.map((u) => u.value.node));
  const last = (n: Node): boolean => values.has(n) && !outputs.has(n) && !readers.has(n);
  return [...graph.nodes.filter((n) => !last(n)), ...graph.nodes.filter(last)];
}

/** For every node output, the last step that reads it; graph outputs and copied updates live past the end. */
function lastUses(
  graph: Graph,
  calls: readonly Call[],
  stepOf: ReadonlyMap<Node, number>,
  end: number,
): Map<Node, number[]> {
  const uses = new Map<Node, number[]>();
  const use = (t: Tensor, at: number): void => {
    const list = uses.get(t.node) ?? t.node.types.map(() => -1);
    list[t.index] = Math.max(list[t.index]!, at);
    uses.set(t.node, list);
  };
  for (const { tensor } of graph.outputs) use(tensor, end);
  for (const { value } of graph.updates) use(value, end);
  // Backwards, so that a view's readers are known before its input is asked.
  for (let i = calls.length - 1; i >= 0; i--) {
    const { node } = calls[i]!;
    const at = stepOf.get(node) ?? Math.max(...(uses.get(node) ?? [-1]));
    for (const t of node.inputs) use(t, at);
  }
  return uses;
}

/** Updates whose operator may write straight into the state: no other step reads the old value later. */
function inPlaceUpdates(
  graph: Graph,
  calls: readonly Call[],
  lastUse: ReadonlyMap<Node, number[]>,
  stepOf: ReadonlyMap<Node, number>,
): ReadonlyMap<Node, Tensor> {
  const found = new Map<Node, Tensor>();
  const byNode = new Map(calls.map((c) => [c.node, c]));
  for (const { target, value } of graph.updates) {
    const call = byNode.get(value.node);
    const aliased = call?.lowered.alias?.some(
      ([out, input]) => out === value.index && value.node.inputs[input]?.node === target.node,
    );
    if (
      aliased &&
      lastUse.get(target.node)?.[0] === stepOf.get(value.node) &&
      !graph.outputs.some((o) => o.tensor.node === value.node)
    )
      found.set(target.node, value);
  }
  return found;
}

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

function placeState(graph: Graph): {
  offsets: Map<Node, number>;
  bytes: number;
  monitors: { offset: number; bytes: number };
  images: { node: Node; data: TypedArray }[];
} {
  const nodes = graph.nodes.filter((n) => n.op === "param" || n.op === "state");
  const monitor = (n: Node): boolean => n.attrs["monitor"] === true;
  const offsets = new Map<Node, number>();
  let offset = 0;
  for (const node of nodes.filter((n) => !monitor(n))) {
    offsets.set(node, offset);
    offset = align16(offset + typeBytes(node.types[0]!));
  }
  const start = offset;
  for (const node of nodes.filter(monitor)) {
    offsets.set(node, offset);
    offset += (typeBytes(node.types[0]!) + 3) & ~3;
  }
  const monitors = { offset: start, bytes: offset - start };
  const images = nodes
    .filter((n) => n.op === "state" && n.data !== undefined)
    .map((node) => ({ node, data: node.data! }));
  return { offsets, bytes: align16(offset), monitors, images };
}

function copyStep(name: string, target: Place, value: Place, type: TensorType): PlanStep {
  return {
    name,
    op: "copy",
    kernel: "copy",
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

/** The weights image; equal contents are stored once. */
class WeightStore {
  readonly #parts: { readonly raw: Uint8Array; readonly offset: number }[] = [];
  bytes = 0;

  add(data: TypedArray): number {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const known = this.#parts.find((p) => p.raw.length === raw.length && p.raw.every((byte, i) => byte === raw[i]));
    if (known) return known.offset;
    const offset = this.bytes;
    this.#parts.push({ raw, offset });
    this.bytes = align16(offset + raw.length);
    return offset;
  }

  image(): Uint8Array {
    const out = new Uint8Array(this.bytes);
    for (const { raw, offset } of this.#parts) out.set(raw, offset);
    return out;
  }
}
