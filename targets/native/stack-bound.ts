/**
 * The deepest stack of a call graph, from what GCC writes with -fcallgraph-info=su: a node a function with the bytes
 * of its frame, an edge a call.
 */
import { PithError } from "../../sdk/error.ts";

/**
 * A bound for functions that come compiled: libgcc's integer division and soft-float routines and our own mem*
 * functions. Measured on an M4 the deepest needs less than 100 bytes; the emulator test checks the whole bound.
 */
export const LIBRARY_FRAME_BYTES = 128;

export function stackBound(callGraphs: readonly string[], roots: readonly string[]): number {
  const frames = new Map<string, number>();
  const calls = new Map<string, Set<string>>();
  for (const graph of callGraphs) {
    for (const [, title, label] of graph.matchAll(/node: \{ title: "([^"]*)" label: "([^"]*)"/g)) {
      const size = /(\d+) bytes \((static|dynamic,bounded|dynamic)\)/.exec(label!);
      if (size?.[2] === "dynamic")
        throw new PithError("internal", `stack bound: the frame of ${title} is dynamic, expected a fixed one`);
      if (size) frames.set(plainName(title!), Number(size[1]));
    }
    for (const [, source, target] of graph.matchAll(/edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"/g)) {
      const from = plainName(source!);
      calls.set(from, (calls.get(from) ?? new Set()).add(plainName(target!)));
    }
  }
  const known = new Map<string, number>();
  const depth = (name: string, path: readonly string[]): number => {
    if (path.includes(name))
      throw new PithError("internal", `stack bound: ${[...path, name].join(" → ")}, expected no recursion`);
    const before = known.get(name);
    if (before !== undefined) return before;
    const below = [...(calls.get(name) ?? [])].map((callee) => depth(callee, [...path, name]));
    const bytes = (frames.get(name) ?? LIBRARY_FRAME_BYTES) + Math.max(0, ...below);
    known.set(name, bytes);
    return bytes;
  };
  return Math.max(...roots.map((root) => depth(root, [])));
}

/** `m.c:fn3` for static functions, `m_infer` for others: names are unique within an image. */
function plainName(title: string): string {
  return title.slice(title.lastIndexOf(":") + 1);
}
