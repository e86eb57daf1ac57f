/**
 * TensorFlow Lite Micro's answers as native code: integers byte for byte, floats within 1e-4 of the peak and the
 * portable module's bits. Here a share of the operators on the host and on a core of each family, unaligned accesses
 * trapped, and keyword spotting; `npm run goldens -- --on all` runs all of them everywhere.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { groupsOf, memberOf } from "../bench/goldens/group.ts";
import { type GoldenTarget, mismatchesOn, targetMissing } from "../bench/goldens/run-group.ts";
import { readIndex } from "../bench/goldens/sets.ts";
import type { TypedArray } from "../kernels/op.ts";

const SLOW_MS = 600_000;
/** Models that share a build. */
const GROUP = 64;
/** Each target runs every eighth operator model, beginning at another one. */
const STRIDE = 8;
const TARGETS: readonly GoldenTarget[] = ["host", "cortex-m0plus", "cortex-m4", "cortex-m55", "riscv32"];

const operatorRoot = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
const operators = readIndex(operatorRoot);
const modelRoot = join(process.env["PITH_DATA"] ?? "-", "goldens");
const keywords = existsSync(modelRoot) ? readIndex(modelRoot).find((e) => e.name === "kws_ref_model") : undefined;

const lacks = new Map(await Promise.all(TARGETS.map(async (target) => [target, await targetMissing(target)] as const)));
for (const [target, reason] of lacks)
  if (reason !== undefined && process.env["PITH_REQUIRE_ALL"]) throw new Error(`${target} cannot run here: ${reason}`);

describe.each(TARGETS.map((target, i) => [target, i] as const))("%s", (target, phase) => {
  const missing = lacks.get(target);

  test.skipIf(missing)(
    "every eighth operator model",
    async () => {
      const share = operators.filter((_, i) => i % STRIDE === phase).map((entry) => memberOf(operatorRoot, entry));
      expect(share.length).toBeGreaterThan(60);
      for (const group of groupsOf(share, GROUP))
        expect(Object.fromEntries(await mismatchesOn(target, group))).toEqual({});
    },
    SLOW_MS,
  );

  test.skipIf(missing ?? !keywords)(
    "keyword spotting",
    async () => {
      const member = memberOf(modelRoot, keywords!);
      expect(Object.fromEntries(await mismatchesOn(target, [member], { records: 3 }))).toEqual({});
    },
    SLOW_MS,
  );
});

/** The same values but for bit 6 of the last byte. */
function changed(values: TypedArray): TypedArray {
  const copy = values.slice();
  new Uint8Array(copy.buffer)[copy.byteLength - 1]! ^= 0x40;
  return copy;
}

test("a wrong answer is named, and no other model of its group", async () => {
  const members = ["add_i8_same", "read_variable_i8_accumulate", "svdf_f32_a"].map((name) =>
    memberOf(operatorRoot, operators.find((e) => e.name === name)!),
  );
  expect(await mismatchesOn("wasm", members)).toEqual(new Map());
  for (const [i, member] of members.entries()) {
    const sets = member.sets.map((set) => ({
      ...set,
      outputs: (n: number) => set.outputs(n).map((y) => (n === 2 ? changed(y) : y)),
    }));
    const found = await mismatchesOn("wasm", members.with(i, { ...member, sets }));
    expect([...found.keys()]).toEqual([member.name]);
    expect(found.get(member.name)).toMatch(
      /record 2, output 0 \(\w+\[[\d,]+\]\): 1 of \d+ values differ, first at \d+/,
    );
  }
});
