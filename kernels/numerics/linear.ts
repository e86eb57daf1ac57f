/**
 * Proofs that an exact int8 operator of two codes equals `saturate((a * ma + b * mb + r) >> shift)` on all 65,536
 * pairs. For given slopes every pair bounds `r` from below or above, so one pass over the pairs finds all constants
 * that work, or shows that there are none; slopes next to the ideal ones are tried in turn.
 */
export interface Linear {
  readonly ma: number;
  readonly mb: number;
  readonly r: number;
}

/** How far from the nearest whole slopes the search goes. */
const REACH = 3;

/**
 * `exact[(a + 128) * 256 + b + 128]`: the code of each pair. `slopes`: output codes an input code is worth. `lo`, `hi`:
 * the codes at which the form saturates as well. Undefined where no constants within reach give every code in 32 bits.
 */
export function provedLinear(
  exact: Int8Array,
  slopes: readonly [number, number],
  shift: number,
  [lo, hi]: readonly [number, number],
): Linear | undefined {
  const [idealA, idealB] = slopes.map((s) => Math.round(s * 2 ** shift));
  const offsets = Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH).sort((x, y) => Math.abs(x) - Math.abs(y));
  const tried = offsets.flatMap((da) => offsets.map((db) => [da, db] as const));
  tried.sort(([a, b], [c, d]) => Math.abs(a) + Math.abs(b) - Math.abs(c) - Math.abs(d));
  for (const [da, db] of tried) {
    const [ma, mb] = [idealA! + da, idealB! + db];
    const r = constantFor(exact, ma, mb, shift, lo, hi);
    if (r !== undefined) return { ma, mb, r };
  }
  return undefined;
}

function constantFor(
  exact: Int8Array,
  ma: number,
  mb: number,
  shift: number,
  lo: number,
  hi: number,
): number | undefined {
  const unit = 2 ** shift;
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let a = -128, at = 0; a < 128; a++)
    for (let b = -128; b < 128; b++, at++) {
      const code = exact[at]!;
      const sum = a * ma + b * mb;
      if (code > lo) least = Math.max(least, code * unit - sum);
      if (code < hi) most = Math.min(most, code * unit + unit - 1 - sum);
      if (least > most) return undefined;
    }
  const r = Number.isFinite(least) ? (Number.isFinite(most) ? Math.floor((least + most) / 2) : least) : most;
  const span = (Math.abs(ma) + Math.abs(mb)) * 128;
  return Number.isFinite(r) && Math.abs(r) < 2 ** 31 && Math.abs(r) + span < 2 ** 31 ? r : undefined;
}
