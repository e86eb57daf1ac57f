/** The scalar family's forms of requantization, for cores with and without a long multiply; their bytes: goldens-ops.test.ts. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readIndex } from "../bench/goldens/sets.ts";
import { lowBitsOf, proveSplit32 } from "../kernels/numerics/forms/split32.ts";
import { exactCode, type RequantizeChannel } from "../kernels/numerics/prove.ts";
import { quantizeMultiplier } from "../kernels/numerics/requantize.ts";
import { planGraph } from "../sdk/compile/plan.ts";
import { RandomStream } from "../sdk/data/random-stream.ts";
import { importGolden } from "./support/golden-run.ts";

const KINDS = ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"];

/** A form is of use only where it is mostly proved: on the golden operators of each kind of core. */
test.each([
  ["split32", false],
  ["high32", true],
] as const)("most golden convolutions and dense layers take %s", (form, longMultiply) => {
  const root = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
  const forms = readIndex(root)
    .filter(({ kind }) => kind && KINDS.includes(kind.op) && kind.dtype === "i8")
    .map((entry) => importGolden(root, entry))
    .flatMap((c) => ("graph" in c ? planGraph(c.graph, { family: "scalar", longMultiply }).plan.steps : []))
    .map((s) => s.requantize);
  expect(forms.filter((f) => f === form).length).toBeGreaterThan(20);
});

describe("form split32", () => {
  test("gives the exact code of every reachable sum where it is proved, and mostly is", () => {
    const random = new RandomStream(3, [0, 0]);
    let proved = 0;
    for (let i = 0; i < 60; i++) {
      const reach = Math.ceil(200 + 60_000 * random.uniform() ** 2);
      const zeroPoint = Math.floor(random.uniform() * 256) - 128;
      const relu = random.uniform() < 0.5;
      const c: RequantizeChannel = {
        ...quantizeMultiplier((1 + 300 * random.uniform()) / reach),
        zeroPoint,
        lo: relu ? zeroPoint : -128,
        hi: 127,
        sumLo: -reach,
        sumHi: Math.ceil(reach * random.uniform()),
      };
      const lowBits = lowBitsOf([c]);
      const p = proveSplit32(c, lowBits);
      if (!p) continue;
      proved++;
      for (let sum = c.sumLo; sum <= c.sumHi; sum++) {
        const y = (Math.imul(sum, p.high) + (Math.imul(sum, p.low) >> lowBits) + p.offset) >> p.shift;
        const code = Math.min(Math.max(y, -128, c.lo), 127, c.hi);
        if (code !== exactCode(c, sum)) expect({ c, sum, code }).toEqual({ c, sum, code: exactCode(c, sum) });
      }
    }
    expect(proved).toBeGreaterThan(20);
  });

  test("a left shift is refused", () => {
    const c = { m: 2 ** 30, shift: 2, zeroPoint: 0, lo: -128, hi: 127, sumLo: -1000, sumHi: 1000 };
    expect(proveSplit32(c, 12)).toBeUndefined();
  });
});
