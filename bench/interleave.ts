/** Timing on a shared machine: contestants in turn, a few calls each, and only medians of ratios of neighbours count. */

export interface Contestant {
  readonly name: string;
  /** Microseconds of `n` calls. */
  time(n: number): Promise<number>;
}

export interface Timing {
  /** Median microseconds of a call. */
  readonly median: number;
  /** Median over rounds of this contestant's time over the first one's in the same round. */
  readonly ratio: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Warms up for about `warmMs` each (engines compile in tiers), then `rounds` rounds of about `sliceMs` each. */
export async function interleave(
  contestants: readonly Contestant[],
  { rounds = 60, sliceMs = 4, warmMs = 1500 } = {},
): Promise<readonly Timing[]> {
  const calls: number[] = [];
  for (const c of contestants) {
    let spent = 0;
    let last = 0;
    while (spent < warmMs * 1000) spent += last = await c.time(5);
    calls.push(Math.max(1, Math.round((sliceMs * 5000) / last)));
  }
  const times = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, c] of contestants.entries()) times[i]!.push((await c.time(calls[i]!)) / calls[i]!);
  return times.map((own) => ({ median: median(own), ratio: median(own.map((t, round) => t / times[0]![round]!)) }));
}
