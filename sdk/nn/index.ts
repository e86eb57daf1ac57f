/** `pith/nn`: layers, losses, metrics, optimizers, schedules and augmentations, all composites over operators. */

export { constantRate, cosine, oneCycle, type Schedule, stepRate } from "../train/schedules.ts";
export { jitter, rotate3d } from "./augment.ts";
export {
  averagePool1d,
  averagePool2d,
  type Conv1dOptions,
  type Conv2dOptions,
  conv1d,
  conv2d,
  type DepthwiseConv2dOptions,
  depthwiseConv2d,
  type Padding,
  type PoolOptions,
} from "./conv.ts";
export { type Layer, type LayerOptions, sequential } from "./layer.ts";
export {
  type DenseOptions,
  dense,
  dropout,
  flatten,
  globalAveragePool,
  meanOverTime,
  relu,
  relu6,
  softmax,
} from "./layers.ts";
export { crossEntropy, meanSquaredError } from "./losses.ts";
export { accuracy } from "./metrics.ts";
export { type BatchNormOptions, batchNorm } from "./norm.ts";
export { type AdamOptions, adam, adamW, type Optimizer, sgd } from "./optimizers.ts";
export { gru, lstm, type RecurrentOptions } from "./recurrent.ts";
export { type StandardizeOptions, standardize } from "./standardize.ts";
