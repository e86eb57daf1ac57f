/** Normalization layers. */
import { batchNorm as batchNormOp } from "../../kernels/batchNorm/batchNorm.ts";
import { type Layer, type LayerOptions, layerParam, layerState, once } from "./layer.ts";
import { hint } from "./names.ts";

export interface BatchNormOptions extends LayerOptions {
  readonly epsilon?: number;
  /** Weight of the old value in the running statistics. */
  readonly momentum?: number;
}

/**
 * Batch normalization over all but the last axis (Ioffe & Szegedy 2015): the batch's statistics in training, running
 * ones at inference, where a convolution or dense layer before it takes it in.
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  const { name, epsilon = 1e-3, momentum = 0.9 } = options;
  const params = once(name ? `batchNorm "${name}"` : "batchNorm", (channels) => ({
    gamma: layerParam(name, "gamma", [channels], { init: "ones" }),
    beta: layerParam(name, "beta", [channels], { init: "zeros" }),
    mean: layerState(name, "mean", [channels], { init: "zeros", momentum }),
    variance: layerState(name, "variance", [channels], { init: "ones", momentum }),
  }));
  return (x) => {
    const { gamma, beta, mean, variance } = params(x);
    return batchNormOp(x, gamma, beta, mean, variance, { epsilon, name: hint("batchNorm", name) });
  };
}
