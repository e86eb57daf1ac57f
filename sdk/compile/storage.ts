/**
 * Where values live. A root is one allocation: an arena buffer, a state or a constant. A tensor is a range of a root:
 * views are ranges of their input, joined inputs are ranges of their output, in-place results take their input's.
 */
import type { Node, Tensor, TensorType } from "../../kernels/op.ts";
import type { Graph } from "../graph/graph.ts";
import type { Call } from "./lower-node.ts";
import { type Interval, interval, type Piece } from "./memory.ts";
import type { Liveness } from "./schedule.ts";
import { align16, typeBytes } from "./sizes.ts";

export interface Root {
  readonly name: string;
  readonly bytes: number;
  readonly kind: "input" | "value" | "scratch" | "state" | "const";
  readonly type: TensorType | undefined;
  /** The leaf of an input, a state or a constant. */
  readonly node: Node | undefined;
  /** The output that this one is a part of. */
  parent: { readonly root: Root; readonly offset: number } | undefined;
}

/** Bytes [offset, offset + bytes) of a root. */
export interface Range {
  readonly root: Root;
  readonly offset: number;
  readonly bytes: number;
}

interface Use extends Range {
  readonly first: number;
  /** Last step that reads it without a view in between. */
  readonly last: number;
  /** Last step that reads it or a view of it. */
  readonly lastSeen: number;
}

export interface Storage {
  readonly live: Liveness;
  /** The range of a tensor in the root that is placed. */
  readonly rangeOf: (t: Tensor) => Range;
  readonly scratchOf: (node: Node) => Root | undefined;
  /** Roots of the arena, in order of first appearance, with the pieces that live at different times. */
  readonly arena: readonly { readonly root: Root; readonly interval: Interval }[];
}

export function layOut(
  graph: Graph,
  calls: readonly Call[],
  live: Liveness,
  states: ReadonlyMap<Node, unknown>,
): Storage {
  const ranges = new Map<Node, Range[]>();
  const roots: Root[] = [];
  const uses: Use[] = [];
  const scratch = new Map<Node, Root>();
  const newRoot = (name: string, bytes: number, kind: Root["kind"], type?: TensorType, leaf?: Node): Root => {
    const root: Root = { name, bytes, kind, type, node: leaf, parent: undefined };
    if (kind !== "state" && kind !== "const") roots.push(root);
    return root;
  };
  const whole = (root: Root): Range => ({ root, offset: 0, bytes: root.bytes });
  const rangeOf = (t: Tensor): Range => resolve(ranges.get(t.node)![t.index]!);

  for (const node of graph.nodes) {
    const [type] = node.types;
    const kind = node.op === "input" ? "input" : node.op === "const" ? "const" : states.has(node) ? "state" : undefined;
    if (!kind) continue;
    const range = whole(newRoot(node.name, typeBytes(type!), kind, type, node));
    ranges.set(node, [range]);
    if (kind === "input") uses.push({ ...range, first: -1, last: live.direct(node, 0), lastSeen: live.seen(node, 0) });
  }

  for (const call of calls) {
    const { node, lowered } = call;
    const at = live.stepOf(node);
    const own = node.types.map((type, i): Range => {
      const name = node.types.length > 1 ? `${node.name}.${i}` : node.name;
      const fresh = (): Range => whole(newRoot(name, typeBytes(type), "value", type));
      if (call.view?.kind === "part") {
        const from = rangeOf(node.inputs[0]!);
        return { root: from.root, offset: from.offset + call.view.offset, bytes: typeBytes(type) };
      }
      if (call.view?.kind === "join") {
        const range = fresh();
        call.view.offsets.forEach((offset, k) => {
          rangeOf(node.inputs[k]!).root.parent = { root: range.root, offset };
        });
        return range;
      }
      return sharedRange(node, lowered.alias ?? [], i) ?? fresh();
    });
    ranges.set(node, own);
    own.forEach((range, i) => {
      uses.push({
        ...range,
        first: at,
        last: Math.max(at, live.direct(node, i)),
        lastSeen: Math.max(at, live.seen(node, i)),
      });
    });
    if (lowered.scratchBytes && call.view === undefined) {
      const root = newRoot(`${node.name} scratch`, lowered.scratchBytes, "scratch");
      scratch.set(node, root);
      uses.push({ ...whole(root), first: at, last: at, lastSeen: at });
    }
  }

  /** The input that output `index` may overwrite: a state that it updates, or a value that nobody reads again. */
  function sharedRange(node: Node, alias: readonly (readonly [number, number])[], index: number): Range | undefined {
    const at = live.stepOf(node);
    for (const [out, input] of alias) {
      const t = node.inputs[input];
      if (out !== index || !t) continue;
      const range = rangeOf(t);
      const written = live.inPlace.get(t.node);
      if (written?.node === node && written.index === index) return range;
      const { kind } = range.root;
      if (kind === "const" || kind === "state") continue;
      // A joined value must be a root of its own until it is joined.
      if (live.joined.has(node) && (kind === "input" || range.bytes !== range.root.bytes)) continue;
      if (range.bytes < typeBytes(node.types[index]!) || overlapsLater(range, at)) continue;
      const shares = (other: Tensor): boolean => {
        const o = rangeOf(other);
        return o.root === range.root && o.offset < range.offset + range.bytes && range.offset < o.offset + o.bytes;
      };
      if (node.inputs.filter(shares).length === 1) return { ...range, bytes: typeBytes(node.types[index]!) };
    }
    return undefined;
  }

  function overlapsLater(range: Range, at: number): boolean {
    return uses.some((use) => {
      const r = resolve(use);
      return (
        r.root === range.root &&
        use.lastSeen > at &&
        r.offset < range.offset + range.bytes &&
        range.offset < r.offset + r.bytes
      );
    });
  }

  // Every root is known: where each use came to lie, once for all of them.
  const placed = uses.map((u) => ({ ...u, ...resolve(u) }));
  return {
    live,
    rangeOf,
    scratchOf: (node) => scratch.get(node),
    arena: roots.filter((root) => !root.parent).map((root) => ({ root, interval: intervalOf(root, placed) })),
  };
}

/** The range in the root that is placed. */
function resolve(range: Range): Range {
  let { root, offset } = range;
  while (root.parent) {
    offset += root.parent.offset;
    root = root.parent.root;
  }
  return { root, offset, bytes: range.bytes };
}

/** Cuts a root where uses begin and end; a part lives from its first use to its last. */
function intervalOf(root: Root, all: readonly Use[]): Interval {
  const uses = all.filter((u) => u.root === root);
  const bytes = align16(root.bytes);
  const cuts = [...new Set([0, root.bytes, ...uses.flatMap((u) => [u.offset, u.offset + u.bytes])])].sort(
    (a, b) => a - b,
  );
  const pieces: Piece[] = [];
  for (let k = 0; k + 1 < cuts.length; k++) {
    const [begin, end] = [cuts[k]!, cuts[k + 1]!];
    const over = uses.filter((u) => u.offset <= begin && end <= u.offset + u.bytes);
    if (over.length === 0) continue;
    const first = Math.min(...over.map((u) => u.first));
    const last = Math.max(...over.map((u) => u.last));
    const before = pieces.at(-1);
    if (before && before.first === first && before.last === last && before.offset + before.bytes === begin)
      pieces[pieces.length - 1] = { ...before, bytes: end - before.offset };
    else pieces.push({ offset: begin, bytes: end - begin, first, last });
  }
  return pieces.length === 1 ? interval(bytes, pieces[0]!.first, pieces[0]!.last) : { bytes, pieces };
}
