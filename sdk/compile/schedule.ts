/** Order of steps, how long each value lives, and which updates may be made in place. */
import type { Node, Tensor } from "../../kernels/op.ts";
import type { Graph } from "../graph/graph.ts";
import { isLeaf } from "../graph/registry.ts";
import type { Call } from "./lower-node.ts";
import { typeBytes } from "./sizes.ts";

export interface Liveness {
  /** The step of a node's call; for a view, the step before it. */
  readonly stepOf: (node: Node) => number;
  /** Last step that reads an output without a view in between; -1 where none does. */
  readonly direct: (node: Node, index: number) => number;
  /** Last step that reads an output or a view of it. */
  readonly seen: (node: Node, index: number) => number;
  /** Updates whose operator writes straight into the state: no other step reads the old value later. */
  readonly inPlace: ReadonlyMap<Node, Tensor>;
  /** Nodes that compute a part of a joined output. */
  readonly joined: ReadonlySet<Node>;
}

/** Nodes that only feed updates come last, so that a state can be updated in place after its last reader. */
export function schedule(graph: Graph, order: readonly Node[] = graph.nodes): readonly Node[] {
  const readers = new Map<Node, number>();
  for (const node of graph.nodes) for (const t of node.inputs) readers.set(t.node, (readers.get(t.node) ?? 0) + 1);
  const outputs = new Set(graph.outputs.map((o) => o.tensor.node));
  const values = new Set(graph.updates.map((u) => u.value.node));
  const last = (n: Node): boolean => values.has(n) && !outputs.has(n) && !readers.has(n);
  return [...order.filter((n) => !last(n)), ...order.filter(last)];
}

/** Liveness of calls in their order; graph outputs and copied updates live past the end. */
export function livenessOf(graph: Graph, calls: readonly Call[], joined: ReadonlySet<Node>): Liveness {
  const steps = calls.filter(isStep);
  const number = new Map(steps.map((c, i) => [c.node, i]));
  const position = new Map<Node, number>();
  let at = -1;
  for (const { node } of calls) {
    at = number.get(node) ?? at;
    position.set(node, at);
  }
  const direct = new Uses();
  const seen = new Uses();
  const end = steps.length;
  for (const t of [...graph.outputs.map((o) => o.tensor), ...graph.updates.map((u) => u.value)]) {
    direct.add(t, end);
    seen.add(t, end);
  }
  // Backwards, so that a view's readers are known before its input is asked.
  for (const call of calls.toReversed()) {
    const step = number.get(call.node);
    const last = step ?? Math.max(...call.node.types.map((_, i) => seen.of(call.node, i)));
    for (const t of call.node.inputs) {
      if (step !== undefined) direct.add(t, step);
      seen.add(t, last);
    }
  }
  const stepOf = (node: Node): number => position.get(node) ?? -1;
  return {
    stepOf,
    direct: (node, index) => direct.of(node, index),
    seen: (node, index) => seen.of(node, index),
    inPlace: inPlaceUpdates(graph, calls, (state) => seen.of(state, 0), stepOf),
    joined,
  };
}

export const isStep = (call: Call): boolean => call.lowered.kernel !== null && call.view === undefined;

/** The last step that uses each output of each node. */
class Uses {
  readonly #last = new Map<Node, number[]>();
  add(t: Tensor, step: number): void {
    const list = this.#last.get(t.node) ?? t.node.types.map(() => -1);
    list[t.index] = Math.max(list[t.index]!, step);
    this.#last.set(t.node, list);
  }
  of(node: Node, index: number): number {
    return this.#last.get(node)?.[index] ?? -1;
  }
}

function inPlaceUpdates(
  graph: Graph,
  calls: readonly Call[],
  lastRead: (state: Node) => number,
  stepOf: (node: Node) => number,
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
      lastRead(target.node) === stepOf(value.node) &&
      !graph.outputs.some((o) => o.tensor.node === value.node)
    )
      found.set(target.node, value);
  }
  return found;
}

const BEAM = 24;

/**
 * Orders to try, the graph's own first. Where the graph branches, a beam search over what may run next keeps the
 * sequences whose live bytes peaked lowest.
 */
export function candidateOrders(graph: Graph): readonly (readonly Node[])[] {
  const nodes = graph.nodes.filter((n) => !isLeaf(n));
  const readers = new Map<Node, number>();
  for (const n of nodes)
    for (const input of new Set(n.inputs.map((t) => t.node))) readers.set(input, (readers.get(input) ?? 0) + 1);
  const branches = [...readers.values()].some((count) => count > 1) || graph.outputs.length > 1;
  if (!branches || nodes.length > 400) return [graph.nodes];
  const leaves = graph.nodes.filter(isLeaf);
  return [graph.nodes, ...beamSearch(graph, nodes, readers).map((order) => [...leaves, ...order])];
}

interface Partial {
  readonly order: readonly Node[];
  readonly ready: readonly Node[];
  readonly waiting: ReadonlyMap<Node, number>;
  readonly unread: ReadonlyMap<Node, number>;
  readonly live: number;
  readonly peak: number;
}

function beamSearch(
  graph: Graph,
  nodes: readonly Node[],
  readers: ReadonlyMap<Node, number>,
): readonly (readonly Node[])[] {
  const inArena = (n: Node): boolean => !isLeaf(n) || n.op === "input";
  const bytesOf = (n: Node): number => (inArena(n) ? n.types.reduce((sum, t) => sum + typeBytes(t), 0) : 0);
  const kept = new Set([...graph.outputs.map((o) => o.tensor.node), ...graph.updates.map((u) => u.value.node)]);
  const position = new Map(nodes.map((n, i) => [n, i]));
  const successors = new Map<Node, Node[]>();
  const waiting = new Map<Node, number>();
  for (const n of nodes) {
    const before = new Set(n.inputs.map((t) => t.node).filter((i) => !isLeaf(i)));
    waiting.set(n, before.size);
    for (const input of before) successors.set(input, [...(successors.get(input) ?? []), n]);
  }
  const live = graph.inputs.reduce((sum, i) => sum + bytesOf(i.tensor.node), 0);
  let beam: readonly Partial[] = [
    { order: [], ready: nodes.filter((n) => waiting.get(n) === 0), waiting, unread: readers, live, peak: live },
  ];
  for (let step = 0; step < nodes.length; step++) {
    const next = beam.flatMap((p) => p.ready.map((n) => runNext(p, n, bytesOf, kept, successors)));
    const distinct = new Map(
      next
        .map(
          (p) =>
            [
              p.order
                .map((n) => position.get(n))
                .sort((a, b) => a! - b!)
                .join(),
              p,
            ] as const,
        )
        .toReversed(),
    );
    beam = [...distinct.values()].sort((a, b) => a.peak - b.peak || a.live - b.live).slice(0, BEAM);
  }
  return beam.slice(0, 2).map((p) => p.order);
}

function runNext(
  p: Partial,
  node: Node,
  bytesOf: (n: Node) => number,
  kept: ReadonlySet<Node>,
  successors: ReadonlyMap<Node, readonly Node[]>,
): Partial {
  const unread = new Map(p.unread);
  const waiting = new Map(p.waiting);
  const during = p.live + bytesOf(node);
  let live = during;
  for (const input of new Set(node.inputs.map((t) => t.node))) {
    const left = (unread.get(input) ?? 1) - 1;
    unread.set(input, left);
    if (left === 0 && !kept.has(input)) live -= bytesOf(input);
  }
  if ((p.unread.get(node) ?? 0) === 0 && !kept.has(node)) live -= bytesOf(node);
  const ready = p.ready.filter((n) => n !== node);
  for (const n of successors.get(node) ?? []) {
    const left = waiting.get(n)! - 1;
    waiting.set(n, left);
    if (left === 0) ready.push(n);
  }
  return { order: [...p.order, node], ready, waiting, unread, live, peak: Math.max(p.peak, during) };
}
