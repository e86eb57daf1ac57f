/**
 * TensorFlow Lite Micro's answers for whole models ($PITH_DATA/goldens), in every micro-kernel family: integers byte
 * for byte, floats within 1e-4 of the peak; three models tensor by tensor; the accuracy of keyword spotting.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { difference, goldenSets, modelFile, readIndex } from "../bench/goldens/sets.ts";
import { FAMILIES, type TypedArray } from "../kernels/op.ts";
import { runPasses } from "../sdk/compile/passes/pipeline.ts";
import { planGraph } from "../sdk/compile/plan.ts";
import { readNpy } from "../sdk/data/npy.ts";
import { importTflite } from "../sdk/formats/tflite/import.ts";
import {
  COMPILE_MS,
  compileFamily,
  type FamilyPlans,
  type FamilyRun,
  importGolden,
  mismatch,
  planFamilies,
} from "./support/golden-run.ts";
import { GOLDENS_GAPS } from "./support/goldens-gaps.ts";
import { readKeywords } from "./support/keywords.ts";
import { compileKernels, type KernelModule, PlanRun } from "./support/plan-runner.ts";

const data = process.env["PITH_DATA"] ?? "";
const root = join(data, "goldens");
const isHere = data !== "" && existsSync(join(root, "index.json"));

if (!isHere) test.skip("golden models: $PITH_DATA/goldens is not here", () => {});
else {
  const entries = readIndex(root);
  const named = (gap: boolean, { planned, refused }: FamilyPlans) =>
    entries
      .filter(({ name }) => name in GOLDENS_GAPS === gap && (planned.has(name) || refused.has(name)))
      .map((entry) => [entry.name, entry] as const);
  const candidates = entries.map((entry) => importGolden(root, entry));

  test("every model has answers to be held to", () => {
    for (const entry of entries)
      expect(goldenSets(root, entry).length > 0 || entry.name in GOLDENS_GAPS, entry.name).toBe(true);
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

  describe("tensor by tensor", async () => {
    const dumped = entries.filter((e) => existsSync(join(root, e.name, "layers_random")));
    expect(dumped.map((e) => e.name)).toEqual(["kws_ref_model", "ad01_int8", "pretrainedResnet_quant"]);
    for (const { name } of dumped) {
      const file = modelFile(root, name);
      const planned = planGraph(runPasses(importTflite(readFileSync(file), file).graph), { family: "pairdot" });
      const module = await compileKernels([planned.plan], "pairdot");
      test.each(["layers_random", "layers_smooth"])(`${name} %s`, (folder) => {
        const at = join(root, name, folder);
        const layers = JSON.parse(readFileSync(join(at, "layers.json"), "utf8")) as Layers;
        const record = layers.input_record;
        const set = goldenSets(root, entries.find((e) => e.name === name)!).find((s) => s.name === "")!;
        const wanted = new Map(layers.tensors.map((t) => [t.name, dump(at, t.index)]));
        const found: string[] = [];
        new PlanRun(module, planned).infer(set.inputs(record), (step, output) => {
          const stepName = planned.plan.steps[step]!.name;
          const [tensor, want] = [...wanted].find(([n]) => nodeName(n) === stepName) ?? [];
          if (!tensor || !want) return;
          found.push(tensor);
          expect(difference(output, want), tensor).toBeUndefined();
        });
        const gone = layers.tensors.filter((t) => !found.includes(t.name)).map((t) => t.index);
        expect({ [name]: gone }).toEqual({ [name]: GONE[name] });
      });
    }
  });

  test("the model without recorded answers gives one answer in every family", async () => {
    const file = modelFile(root, "vww_96_int8");
    const { graph } = importTflite(readFileSync(file), file);
    const x = Int8Array.from({ length: 96 * 96 * 3 }, (_, i) => ((i * 2654435761) >>> 24) - 128);
    const answers: TypedArray[] = [];
    for (const family of FAMILIES) {
      const planned = planGraph(runPasses(graph), { family });
      answers.push(new PlanRun(await compileKernels([planned.plan], family), planned).infer([x])[0]!);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  describe("MLPerf Tiny keyword spotting", () => {
    const keywords = readKeywords(data);
    test.skipIf(!keywords)("the reference model names 901 of 1,000 utterances, 902 where ties count", async () => {
      const file = modelFile(root, "kws_ref_model");
      const planned = planGraph(runPasses(importTflite(readFileSync(file), file).graph), { family: "pairdot" });
      const module: KernelModule = await compileKernels([planned.plan], "pairdot");
      const model = new PlanRun(module, planned);
      let [first, tied] = [0, 0];
      for (const { features, label } of keywords!) {
        const scores = Array.from(model.infer([features])[0]!, Number);
        const best = Math.max(...scores);
        if (scores.indexOf(best) === label) first++;
        if (scores[label] === best) tied++;
      }
      expect([first, tied]).toEqual([901, 902]);
    });
  });
}

/**
 * Tensors by their index in the file that no step of the compiled graph makes: 0 is the graph's input, 32 and 35 are
 * reshapes, which are views of the tensors before them.
 */
const GONE: Readonly<Record<string, readonly number[]>> = {
  kws_ref_model: [0, 32],
  ad01_int8: [0],
  pretrainedResnet_quant: [0, 35],
};

interface Layers {
  readonly input_record: number;
  readonly tensors: readonly { readonly index: number; readonly name: string }[];
}

const dump = (folder: string, index: number): TypedArray => {
  const file = readdirSync(folder).find((f) => f === `t${String(index).padStart(3, "0")}.npy`)!;
  return readNpy(readFileSync(join(folder, file)), file).data;
};

/** Imported nodes are named after the first of the names that converters join. */
const nodeName = (tensor: string): string => tensor.split(";")[0]!;
