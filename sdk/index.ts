/** `pith`: describe, train, quantize, compile, flash, infer, watch. */
export { type Dataset, dataset, type Splits } from "./data/dataset.ts";
export { ERRORS, type ErrorCode, PithError } from "./error.ts";
export { loadModel, saveModel } from "./formats/pith.ts";
export { evaluate } from "./graph/interpret.ts";
export type { Model } from "./model.ts";
export { type InputSpec, input, model, type TracedModel } from "./nn/model.ts";
export { type QuantizedModel, quantize, withMonitors } from "./quantize/quantized.ts";
export { BACKENDS, type BackendName } from "./train/backends/backend.ts";
export { type Probe, probeNative } from "./train/backends/native.ts";
export { type EarlyStopping, isRecipe, type Recipe, recipe } from "./train/recipe.ts";
export { type TrainOptions, type TrainRun, train } from "./train/train.ts";
export type { TrainedModel } from "./train/trained.ts";
export type { CheckpointOptions, Epoch } from "./train/trainer.ts";
