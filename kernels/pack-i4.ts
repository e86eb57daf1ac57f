/** int4 weights, two a byte: the even value in the low half, rows padded with zero to whole bytes. */

export const paddedPairs = (k: number): number => (k + 1) & ~1;

/** `weights`: [n, k] row-major, one value in [-8, 7] an element. */
export function packInt4(weights: ArrayLike<number>, n: number, k: number): Uint8Array {
  const rowBytes = paddedPairs(k) / 2;
  const out = new Uint8Array(n * rowBytes);
  for (let row = 0; row < n; row++)
    for (let i = 0; i < k; i++) out[row * rowBytes + (i >> 1)]! |= (weights[row * k + i]! & 15) << ((i & 1) * 4);
  return out;
}
