import { describe, expect, test } from "vitest";
import type { Frame } from "../sdk/telemetry/frame.ts";
import { FleetCounts } from "../sdk/telemetry/merge.ts";
import { Random } from "../sdk/telemetry/random.ts";

const WORDS = 5;
type Arrival = readonly [device: string, frame: Frame];

/** A fleet's frames: every frame's counts are a function of its key, as an honest device's are. */
function fleet(): Arrival[] {
  const out: Arrival[] = [];
  for (const device of ["a", "b", "c"])
    for (const boot of [1, 9])
      for (let sequence = 0; sequence < 8; sequence++) {
        const random = new Random(device.charCodeAt(0) * 1000 + boot * 100 + sequence);
        const counts = Uint32Array.from({ length: WORDS }, () => Math.floor(random.uniform() * 2 ** 32));
        out.push([device, { model: Uint8Array.of(1), boot, sequence, samples: 50 + sequence, counts }]);
      }
  return out;
}

const all = fleet();
const of = (arrivals: readonly Arrival[]): FleetCounts => {
  const counts = new FleetCounts(WORDS);
  for (const [device, frame] of arrivals) counts.add(device, frame);
  return counts;
};
const view = (counts: FleetCounts) => ({
  total: counts.total(),
  devices: counts.devices().map((d) => counts.total(d)),
  gaps: counts.gaps(),
});
const subset = (random: Random) =>
  random
    .permutation(all.length)
    .slice(0, Math.floor(random.uniform() * all.length))
    .map((i) => all[i]!);

describe("fleet merge", () => {
  test("the total is the ground truth, exactly", () => {
    const { samples, words } = of(all).total();
    expect(samples).toBe(all.reduce((s, [, f]) => s + f.samples, 0));
    expect([...words]).toEqual(
      Array.from({ length: WORDS }, (_, i) => Number(all.reduce((s, [, f]) => s + BigInt(f.counts[i]!), 0n))),
    );
  });

  test("any order, with duplicates: the same state", () => {
    const expected = view(of(all));
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      const order = [...random.permutation(all.length), ...random.permutation(all.length).slice(0, 20)];
      expect(view(of(order.map((i) => all[i]!)))).toEqual(expected);
    }
  });

  test("join of overlapping parts is associative, commutative and idempotent, and equals adding all frames", () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed);
      const [x, y, z] = [subset(random), subset(random), subset(random)];
      const xy_z = view(of(x).join(of(y)).join(of(z)));
      expect(view(of(x).join(of(y).join(of(z))))).toEqual(xy_z);
      expect(view(of(z).join(of(y)).join(of(x)))).toEqual(xy_z);
      expect(view(of(x).join(of(x)))).toEqual(view(of(x)));
      expect(view(of([...x, ...y, ...z]))).toEqual(xy_z);
    }
  });

  test("join leaves its argument alone", () => {
    const [x, y] = [of(all.slice(0, 10)), of(all.slice(5))];
    const before = view(y);
    x.join(y).add("a", { ...all[0]![1], boot: 77 });
    expect(view(y)).toEqual(before);
  });

  test("says what was new, repeated or contradictory", () => {
    const counts = new FleetCounts(WORDS);
    const [device, frame] = all[3]!;
    expect(counts.add(device, frame)).toBe("new");
    expect(counts.add(device, frame)).toBe("duplicate");
    expect(counts.add(device, { ...frame, samples: 1 })).toBe("conflict");
    expect(counts.conflicts).toBe(1);
    expect(counts.total().samples).toBe(frame.samples);
  });

  test("gaps are the frames that must exist", () => {
    const counts = of(all.filter(([d, f]) => d === "a" && f.boot === 1 && ![0, 3, 4, 7].includes(f.sequence)));
    expect(counts.gaps()).toEqual([
      { device: "a", boot: 1, from: 0, to: 0 },
      { device: "a", boot: 1, from: 3, to: 4 },
    ]);
    expect(of(all).gaps()).toEqual([]);
  });

  test("refuses a frame of another model", () => {
    expect(() => new FleetCounts(4).add("a", all[0]![1])).toThrow("merge: frame of 5 words, expected 4");
  });
});
