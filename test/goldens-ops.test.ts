/**
 * TensorFlow Lite Micro's answers for single operators (goldens-ops/README.md), in every micro-kernel family: integers
 * byte for byte, floats within 1e-4 of the peak, nothing written outside the buffers of a step.
 */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { goldenSets, readIndex } from "../bench/goldens/sets.ts";
import {
  COMPILE_MS,
  compileFamily,
  type FamilyPlans,
  type FamilyRun,
  importGolden,
  mismatch,
  planFamilies,
} from "./support/golden-run.ts";
import { GOLDENS_OPS_GAPS } from "./support/goldens-ops-gaps.ts";

const root = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
const entries = readIndex(root);
/** Models to run: those that no other family runs in the same way, and those that were refused. */
const named = (gap: boolean, { planned, refused }: FamilyPlans) =>
  entries
    .filter(({ name }) => name in GOLDENS_OPS_GAPS === gap && (planned.has(name) || refused.has(name)))
    .map((entry) => [entry.name, entry] as const);
const candidates = entries.map((entry) => importGolden(root, entry));

test("every model has answers to be held to", () => {
  for (const entry of entries) expect(goldenSets(root, entry).length, entry.name).toBeGreaterThan(0);
});

test("the list of gaps names models that exist", () => {
  const names = new Set(entries.map((e) => e.name));
  expect(Object.keys(GOLDENS_OPS_GAPS).filter((n) => !names.has(n))).toEqual([]);
});

describe.each(planFamilies(candidates).map((plans) => [plans.label, plans] as const))("%s", (_label, plans) => {
  let run: FamilyRun;
  beforeAll(async () => {
    run = await compileFamily(plans);
  }, COMPILE_MS);

  test.each(named(false, plans))("%s", (_name, entry) => {
    expect(mismatch(run, root, entry)).toBeUndefined();
  });

  // A gap that closed must leave the list.
  test.each(named(true, plans))("%s is not supported yet", (_name, entry) => {
    expect(mismatch(run, root, entry)).toBeDefined();
  });
});
