/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a keyed function of a
 * counter, so any random number can be had without those before it. Keys come from (seed, text).
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

export type Key = readonly [number, number];
export type Counter = readonly [number, number, number, number];

/** High 32 bits of the unsigned product, in halves that f64 holds exactly. */
function mulHigh(a: number, b: number): number {
  const [ah, al, bh, bl] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const low = al * bl;
  const middle = ah * bl + (low >>> 16);
  const cross = al * bh + (middle % 65536);
  return (ah * bh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) >>> 0;
}

/** Four u32 for one counter. */
export function philox([k0, k1]: Key, [c0, c1, c2, c3]: Counter): Counter {
  let [x0, x1, x2, x3, key0, key1] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0, k0 >>> 0, k1 >>> 0];
  for (let round = 0; round < ROUNDS; round++) {
    const [hi0, lo0] = [mulHigh(M0, x0), Math.imul(M0, x0) >>> 0];
    const [hi1, lo1] = [mulHigh(M1, x2), Math.imul(M1, x2) >>> 0];
    [x0, x1, x2, x3] = [(hi1 ^ x1 ^ key0) >>> 0, lo1, (hi0 ^ x3 ^ key1) >>> 0, lo0];
    key0 = (key0 + W0) >>> 0;
    key1 = (key1 + W1) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/** FNV-1a, 32 bits, of the text's UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export const keyOf = (seed: number, stream: string): Key => [seed >>> 0, fnv1a(stream)];

/** A stream of u32: counters (i, lane, 0, 0) for i = 0, 1, … */
export function words(key: Key, lane = 0): () => number {
  let block: Counter = [0, 0, 0, 0];
  let at = 4;
  let counter = 0;
  return () => {
    if (at === 4) {
      block = philox(key, [counter++, lane, 0, 0]);
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
