/**
 * TensorFlow Lite Micro's answers for single operators (goldens-ops/README.md), in every micro-kernel family: integers
 * byte for byte, floats within 1e-4 of the peak, nothing written outside the buffers of a step.
 */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { goldenSets, readIndex } from "../bench/goldens/sets.ts";
import { FAMILIES } from "../kernels/op.ts";
import { type FamilyRun, importGolden, mismatch, planFamily } from "./support/golden-run.ts";
import { GOLDENS_OPS_GAPS } from "./support/goldens-ops-gaps.ts";

const root = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
const entries = readIndex(root);
const named = (gap: boolean) =>
  entries.filter((e) => e.name in GOLDENS_OPS_GAPS === gap).map((entry) => [entry.name, entry] as const);
const candidates = entries.map((entry) => importGolden(root, entry));

test("every model has answers to be held to", () => {
  for (const entry of entries) expect(goldenSets(root, entry).length, entry.name).toBeGreaterThan(0);
});

test("the list of gaps names models that exist", () => {
  const names = new Set(entries.map((e) => e.name));
  expect(Object.keys(GOLDENS_OPS_GAPS).filter((n) => !names.has(n))).toEqual([]);
});

describe.each(FAMILIES)("%s", (family) => {
  let run: FamilyRun;
  beforeAll(async () => {
    run = await planFamily(candidates, family);
  });

  test.each(named(false))("%s", (_name, entry) => {
    expect(mismatch(run, root, entry)).toBeUndefined();
  });

  // A gap that closed must leave the list.
  test.each(named(true))("%s is not supported yet", (_name, entry) => {
    expect(mismatch(run, root, entry)).toBeDefined();
  });
});
