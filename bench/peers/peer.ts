/** A runtime that the benches compare with: installed by bench/package.json, and said plainly where it is not. */
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

export interface Peer {
  readonly name: string;
  /** The output's codes after one inference, for comparison. */
  run(): Promise<Int8Array>;
  /** Microseconds of `n` inferences. */
  time(n: number): Promise<number>;
}

/** Requires from bench/node_modules; the benches run in the package's root. */
export const requirePeer = createRequire(resolve("bench", "package.json"));

/** The folder of an installed peer, or undefined. */
function peerFolder(name: string): string | undefined {
  for (const root of requirePeer.resolve.paths(name) ?? []) {
    try {
      return dirname(requirePeer.resolve(join(root, name, "package.json")));
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}

export async function timed(n: number, call: () => unknown): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < n; i++) {
    const result = call();
    if (result instanceof Promise) await result;
  }
  return (performance.now() - start) * 1000;
}

/** Loads a peer, or says on stderr why it is left out. */
export async function tryPeer(name: string, load: (folder: string) => Promise<Peer>): Promise<Peer | undefined> {
  const folder = peerFolder(name);
  try {
    if (folder) return await load(folder);
    process.stderr.write(`${name}: not installed (npm install --ignore-scripts --prefix bench)\n`);
  } catch (error) {
    process.stderr.write(`${name}: does not run here: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  return undefined;
}
