/**
 * Keyed random streams on the host: shuffling and initial values. Philox is a keyed function of a counter
 * (kernels/numerics/philox.ts), so any random number can be had without those before it. Keys come from (seed, text).
 */
import { type PhiloxKey as Key, philox } from "../../kernels/numerics/philox.ts";

/** FNV-1a, 32 bits, of the text's UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export const keyOf = (seed: number, stream: string): Key => [seed >>> 0, fnv1a(stream)];

/** A stream of u32: counters (i, lane, 0, 0) for i = 0, 1, … */
export function words(key: Key, lane = 0): () => number {
  let block: Uint32Array = new Uint32Array(4);
  let at = 4;
  let counter = 0;
  return () => {
    if (at === 4) {
      block = philox([counter++, lane, 0, 0], key);
      at = 0;
    }
    return block[at++]!;
  };
}

/** Uniform in [0, 1), 32 bits. */
export const uniforms = (key: Key, lane = 0): (() => number) => {
  const next = words(key, lane);
  return () => next() / 0x1_0000_0000;
};

/**
 * Near-normal, mean 0 and variance 1: twelve uniforms less six (Irwin-Hall). Only additions, so the same bits on
 * every engine; the missing tails beyond 6 do not matter for initial weights.
 */
export const normals = (key: Key): (() => number) => {
  const next = uniforms(key);
  return () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return sum;
  };
};

/** A permutation of 0 … n-1: Fisher-Yates. The bias of the multiplication is below n / 2^32. */
export function permutation(n: number, key: Key, lane: number): Int32Array {
  const next = uniforms(key, lane);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
