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
      !graph.outputs.some((o) => o.tensor.node === value.node && o.tensor.index === value.index)
    )
      found.set(target.node, value);
  }
  return found;
}

const BEAM = 24;
/** A search over more nodes takes longer than a compilation should. */
const SEARCHED_NODES = 200;

/**
 * Orders to try, the graph's own first. Where the graph branches, a beam search over what may run next keeps the
 * sequences whose live bytes peaked lowest.
 */
export function candidateOrders(graph: Graph): readonly (readonly Node[])[] {
  const nodes = graph.nodes.filter((n) => !isLeaf(n));
  const readers = new Set<Node>();
  const branches = nodes.some((n) =>
    [...new Set(n.inputs.map((t) => t.node))].some(
      (input) => input.op !== "const" && (readers.has(input) || !readers.add(input)),
    ),
  );
  if (nodes.length > SEARCHED_NODES || !(branches || graph.outputs.length > 1)) return [graph.nodes];
  const leaves = graph.nodes.filter(isLeaf);
  return [graph.nodes, [...leaves, ...beamSearch(graph, nodes)]];
}

/** A beginning of an order. Counts are by node index: inputs not computed yet, readers that did not run yet. */
interface Beginning {
  readonly before: Beginning | undefined;
  readonly node: number;
  readonly ready: readonly number[];
  readonly waiting: Uint16Array;
  readonly unread: Uint16Array;
  readonly live: number;
  readonly peak: number;
  /** The same for the same set of nodes, whatever their order. */
  readonly set: bigint;
}

function beamSearch(graph: Graph, nodes: readonly Node[]): readonly Node[] {
  const all = [...graph.inputs.map((i) => i.tensor.node), ...nodes];
  const index = new Map(all.map((n, i) => [n, i]));
  const inputs = all.map((n) => [...new Set(n.inputs.map((t) => index.get(t.node)).filter((i) => i !== undefined))]);
  const readers = all.map((): number[] => []);
  inputs.forEach((list, n) => {
    for (const i of list) readers[i]!.push(n);
  });
  const bytes = all.map((n) => n.types.reduce((sum, t) => sum + typeBytes(t), 0));
  const kept = new Set(
    [...graph.outputs.map((o) => o.tensor.node), ...graph.updates.map((u) => u.value.node)].map((n) => index.get(n)),
  );
  const count = graph.inputs.length;
  const waiting = Uint16Array.from(inputs, (list) => list.filter((i) => i >= count).length);
  const live = bytes.slice(0, count).reduce((a, b) => a + b, 0);
  let beam: readonly Beginning[] = [
    {
      before: undefined,
      node: -1,
      ready: nodes.map((_, i) => i + count).filter((i) => waiting[i] === 0),
      waiting,
      unread: Uint16Array.from(readers, (list) => list.length),
      live,
      peak: live,
      set: 0n,
    },
  ];

  const run = (b: Beginning, node: number): Beginning => {
    const [left, unread] = [b.waiting.slice(), b.unread.slice()];
    const during = b.live + bytes[node]!;
    let after = during;
    for (const i of inputs[node]!) {
      unread[i]!--;
      if (unread[i] === 0 && !kept.has(i)) after -= bytes[i]!;
    }
    if (unread[node] === 0 && !kept.has(node)) after -= bytes[node]!;
    const ready = b.ready.filter((n) => n !== node);
    for (const n of readers[node]!) {
      left[n]!--;
      if (left[n] === 0) ready.push(n);
    }
    const peak = Math.max(b.peak, during);
    return { before: b, node, ready, waiting: left, unread, live: after, peak, set: b.set | (1n << BigInt(node)) };
  };

  for (const _ of nodes) {
    const best = new Map<bigint, Beginning>();
    for (const b of beam)
      for (const node of b.ready) {
        const next = run(b, node);
        const known = best.get(next.set);
        if (!known || next.peak < known.peak) best.set(next.set, next);
      }
    beam = [...best.values()].sort((a, b) => a.peak - b.peak || a.live - b.live).slice(0, BEAM);
  }
  const order: Node[] = [];
  for (let b = beam[0]; b?.before; b = b.before) order.unshift(all[b.node]!);
  return order;
}
