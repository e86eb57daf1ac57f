/** TensorFlow Lite Micro with CMSIS-NN, as recorded in tflm-baseline.json (its `source` says how), and the models themselves. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CTarget } from "../sdk/compile/emit-c/prelude.ts";
import { importTflite } from "../sdk/formats/tflite/import.ts";
import type { Model } from "../sdk/model.ts";

type ByCore<T> = Readonly<Partial<Record<CTarget, T>>>;

export interface BaselineModel {
  /** Name in goldens/, without its extension. */
  readonly file: string;
  readonly modelBytes: number;
  readonly macs: number;
  readonly instructions: ByCore<number>;
  readonly allocateTensors: ByCore<number>;
  /** Code, read-only and initialised data, without the model. */
  readonly flash: ByCore<number>;
  /** Bytes: used of the arena; all static RAM, the arena included; deepest stack. */
  readonly ram: ByCore<{ readonly arena: number; readonly static: number; readonly stack: number }>;
  /** Operators in order. */
  readonly layers: readonly { readonly op: string; readonly macs: number; readonly instructions: ByCore<number> }[];
}

export const MODEL_NAMES = ["kws", "ad", "ic", "vww", "hello"] as const;
export type ModelName = (typeof MODEL_NAMES)[number];
/** The four of MLPerf Tiny, over which means are taken. */
export const MEAN_OF: readonly ModelName[] = ["kws", "ad", "ic", "vww"];

interface Baseline {
  readonly source: string;
  readonly models: Readonly<Record<ModelName, BaselineModel>>;
}

export const BASELINE: Baseline = JSON.parse(readFileSync(join("bench", "tflm-baseline.json"), "utf8")) as Baseline;

/** The folder of models and vectors, `$PITH_DATA/goldens`. */
export function goldensFolder(): string {
  const root = process.env["PITH_DATA"];
  if (!root) throw new Error("PITH_DATA is not set, expected the folder that holds goldens/");
  return join(root, "goldens");
}

export function referenceModel(name: ModelName): Model {
  const { file } = BASELINE.models[name];
  const path = join(goldensFolder(), file, `${file}.tflite`);
  return importTflite(readFileSync(path), path);
}
