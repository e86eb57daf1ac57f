/**
 * The scalar family's two kinds of kernels, for cores with and without a long multiply: TensorFlow Lite Micro's bytes on
 * the golden operators, and the exact kernels' on odd shapes; form split32 against every sum.
 */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { readIndex } from "../bench/goldens/sets.ts";
import { lowBitsOf, proveSplit32 } from "../kernels/numerics/forms/split32.ts";
import { exactCode, type RequantizeChannel } from "../kernels/numerics/prove.ts";
import { quantizeMultiplier } from "../kernels/numerics/requantize.ts";
import { RandomStream } from "../sdk/data/random-stream.ts";
import { type FamilyRun, importGolden, mismatch, planFamily } from "./support/golden-run.ts";

const root = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
const KINDS = ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"];
const entries = readIndex(root).filter(({ kind }) => kind && KINDS.includes(kind.op) && kind.dtype === "i8");
const candidates = entries.map((entry) => importGolden(root, entry)).filter((c) => "graph" in c);

describe.each([
  ["without a long multiply", false],
  ["with a long multiply", true],
])("scalar kernels %s", (_, longMultiply) => {
  let run: FamilyRun;
  beforeAll(async () => {
    run = await planFamily(candidates, "scalar", longMultiply);
  });

  test("there are cases, and most of them have a proved form", () => {
    const forms = [...run.planned.values()].flatMap(({ plan }) => plan.steps.map((s) => s.requantize));
    const cheap = longMultiply ? "high32" : "split32";
    expect(forms.filter((f) => f === cheap).length).toBeGreaterThan(20);
  });

  test.each(candidates.map(({ entry }) => [entry.name, entry] as const))("%s", (_name, entry) => {
    expect(mismatch(run, root, entry)).toBeUndefined();
  });
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
