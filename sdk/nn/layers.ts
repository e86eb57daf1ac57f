/** Layers without convolutions: dense, shapes, means, activations, dropout. */
import { dense as denseOp } from "../../kernels/dense/dense.ts";
import { dropout as dropoutOp } from "../../kernels/dropout/dropout.ts";
import { mean } from "../../kernels/mean/mean.ts";
import { elements, showShape, type Tensor } from "../../kernels/op.ts";
import { relu as reluOp } from "../../kernels/relu/relu.ts";
import { relu6 as relu6Op } from "../../kernels/relu6/relu6.ts";
import { reshape } from "../../kernels/reshape/reshape.ts";
import { softmax as softmaxOp } from "../../kernels/softmax/softmax.ts";
import { PithError } from "../error.ts";
import { type Layer, type LayerOptions, layerParam, once } from "./layer.ts";
import { hint } from "./names.ts";

export interface DenseOptions extends LayerOptions {
  readonly bias?: boolean;
}

/** Fully connected: `y[…, u] = bias[u] + sum_c x[…, c] w[u, c]`. Glorot-uniform weights. */
export function dense(units: number, options: DenseOptions = {}): Layer {
  const { name, bias = true } = options;
  const params = once(name ? `dense "${name}"` : "dense", (channels) => ({
    weights: layerParam(name, "weights", [units, channels], { init: "glorotUniform", fanIn: channels, fanOut: units }),
    bias: bias ? layerParam(name, "bias", [units], { init: "zeros" }) : undefined,
  }));
  return (x) => denseOp(x, params(x).weights, params(x).bias, { name: hint("dense", name) });
}

export const relu: Layer = (x) => reluOp(x);
export const relu6: Layer = (x) => relu6Op(x);
/** Over the last axis. */
export const softmax: Layer = (x) => softmaxOp(x);

/** [N, …] → [N, elements]. */
export const flatten: Layer = (x) => reshape(x, { shape: [x.shape[0]!, elements(x.shape.slice(1))] });

/** [N, time, C] → [N, C]. */
export const meanOverTime: Layer = (x) => meanOver("meanOverTime", x, 3, [1]);

/** [N, H, W, C] → [N, C]. */
export const globalAveragePool: Layer = (x) => meanOver("globalAveragePool", x, 4, [1, 2]);

function meanOver(layer: string, x: Tensor, rank: number, axes: readonly number[]): Tensor {
  if (x.shape.length !== rank)
    throw new PithError("shape", `${layer}: ${showShape(x.shape)}, expected ${rank} dimensions, batch first`);
  return mean(x, { axes: [...axes] });
}

/** Zeroes each value with probability `rate` in training; not there at inference. */
export function dropout(rate: number, options: LayerOptions = {}): Layer {
  return (x) => dropoutOp(x, undefined, undefined, { rate, name: hint("dropout", options.name) });
}
