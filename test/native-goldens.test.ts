/**
 * Golden models as images on emulated cores: TensorFlow Lite Micro's integers byte for byte, floats within 1e-4 of the
 * peak. The suite runs keyword spotting and a few operators on a core of each family. `npm run
 * goldens:cores` runs all of it: PITH_CORES names cores ("all", or cortex-m4,riscv32), PITH_GOLDENS is models or operators.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  difference,
  type GoldenEntry,
  type GoldenSet,
  goldenSets,
  modelFile,
  readIndex,
} from "../bench/goldens/sets.ts";
import type { TypedArray } from "../kernels/op.ts";
import { assemble } from "../sdk/compile/assemble.ts";
import { C_TARGET_NAMES, type CTarget } from "../sdk/compile/emit-c/prelude.ts";
import { emitEntry } from "../sdk/compile/emit-entry.ts";
import { runPasses } from "../sdk/compile/passes/pipeline.ts";
import { type PlanPort, planGraph } from "../sdk/compile/plan.ts";
import { manifestOf } from "../sdk/compile/portable.ts";
import { PithError } from "../sdk/error.ts";
import { importTflite } from "../sdk/formats/tflite/import.ts";
import { viewAs } from "../sdk/runtime/module.ts";
import { emulatorMissing, measureInstructions } from "../targets/native/emulator.ts";
import { EMULATORS } from "../targets/native/emulators.ts";
import { linkImage } from "../targets/native/image.ts";
import { machineNamed } from "../targets/native/machine.ts";
import { imageSource } from "../targets/native/target.ts";

/** Vectors of a model and a core: the four models take seconds an inference in an emulator. */
const MOST_VECTORS = 3;
const SLOW_MS = 1_200_000;
const SLICE: readonly CTarget[] = ["cortex-m3", "cortex-m4", "cortex-m55"];
const MODELS = ["kws_ref_model", "ad01_int8", "pretrainedResnet_quant", "vww_96_int8", "hello_world_int8"];

const wanted = process.env["PITH_CORES"];
const all = C_TARGET_NAMES.filter((name) => EMULATORS[name] !== undefined);
const cores = wanted === undefined ? SLICE : wanted === "all" ? all : all.filter((c) => wanted.split(",").includes(c));
const kinds = process.env["PITH_GOLDENS"] ?? "models,operators";

const modelRoot = join(process.env["PITH_DATA"] ?? "", "goldens");
const operatorRoot = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
const models =
  process.env["PITH_DATA"] && existsSync(modelRoot) && kinds.includes("models")
    ? readIndex(modelRoot).filter(({ name }) => (wanted === undefined ? MODELS.slice(0, 1) : MODELS).includes(name))
    : [];

/** The suite's: one case each of what reference models are made of. */
const OPERATOR_SLICE = [
  "conv_2d_i8_3x3_same",
  "depthwise_conv_2d_i8_3x3_same",
  "fully_connected_i8_k33_o17",
  "add_i8_same",
];
const operators = kinds.includes("operators")
  ? readIndex(operatorRoot).filter(({ name }) => wanted !== undefined || OPERATOR_SLICE.includes(name))
  : [];

const lacks = new Map(
  await Promise.all(cores.map(async (core) => [core, (await emulatorMissing(core))?.missing] as const)),
);
for (const [core, reason] of lacks)
  if (reason !== undefined && process.env["PITH_REQUIRE_ALL"]) throw new Error(`${core} cannot run here: ${reason}`);

const bytesOf = (values: readonly TypedArray[]): Uint8Array =>
  Buffer.concat(values.map((v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength)));

function splitOutputs(ports: readonly PlanPort[], bytes: Uint8Array): TypedArray[] {
  let at = 0;
  return ports.map(({ type, bytes: length }) => {
    at += length;
    return viewAs(type.dtype, bytes.slice(at - length, at));
  });
}

/** The image of a golden model for a core; undefined where pith does not take the model. */
async function imageOf(root: string, { name }: GoldenEntry, core: CTarget) {
  try {
    const model = importTflite(readFileSync(modelFile(root, name)), `${name}.tflite`);
    const graph = runPasses(model.graph);
    const { family, longMultiply } = machineNamed(core);
    const { plan, weights } = planGraph(graph, { family, longMultiply });
    const wasm = await assemble(emitEntry("m", plan, "aot"), { family, flavour: "aot", memoryBytes: 65536 });
    const manifest = manifestOf(graph, plan, {
      name: "m",
      labels: undefined,
      run: undefined,
      monitorLayout: undefined,
    });
    const source = imageSource({ name: "m", wasm, plan, weights, manifest, selfTest: [] }, core);
    return { plan, image: await linkImage(source) };
  } catch (error) {
    if (error instanceof PithError && (error.code === "import" || error.code === "unsupported")) return undefined;
    throw error;
  }
}

async function mismatch(root: string, entry: GoldenEntry, core: CTarget, most: number): Promise<string | undefined> {
  const built = await imageOf(root, entry, core);
  if (!built) return undefined;
  const { plan, image } = built;
  for (const set of goldenSets(root, entry)) {
    const count = Math.min(most, set.count);
    const why = await mismatchOfSet(set, count, core, image, plan.outputs);
    if (why) return why;
  }
  return undefined;
}

async function mismatchOfSet(
  set: GoldenSet,
  count: number,
  core: CTarget,
  { payload, stackBytes }: { readonly payload: Uint8Array; readonly stackBytes: number },
  outputs: readonly PlanPort[],
): Promise<string | undefined> {
  const vectors = Array.from({ length: count }, (_, n) => bytesOf(set.inputs(n)));
  const measured = await measureInstructions(core, payload, vectors, { fresh: set.state === "fresh" });
  expect(measured!.stackBytes).toBeLessThanOrEqual(stackBytes);
  for (let n = 0; n < count; n++) {
    const got = splitOutputs(outputs, measured!.outputs[n]!);
    for (const [j, want] of set.outputs(n).entries()) {
      const why = difference(got[j]!, want, set.tolerance);
      if (why) return `${set.name}record ${n}, output ${j}: ${why}`;
    }
  }
  return undefined;
}

describe.each(cores)("%s", (core) => {
  const missing = lacks.get(core);
  if (models.length > 0)
    test.skipIf(missing).each(models.map((entry) => [entry.name, entry] as const))(
      "%s",
      async (_name, entry) => expect(await mismatch(modelRoot, entry, core, MOST_VECTORS)).toBeUndefined(),
      SLOW_MS,
    );
  if (operators.length > 0)
    test.skipIf(missing).each(operators.map((entry) => [entry.name, entry] as const))(
      "%s",
      async (_name, entry) => expect(await mismatch(operatorRoot, entry, core, Infinity)).toBeUndefined(),
      SLOW_MS,
    );
});
