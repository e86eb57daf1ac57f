/** Convolution layers. NHWC; one-dimensional ones are two-dimensional ones of height 1. */
import { averagePool2d as averagePool2dOp } from "../../kernels/averagePool2d/averagePool2d.ts";
import { conv2d as conv2dOp } from "../../kernels/conv2d/conv2d.ts";
import { depthwiseConv2d as depthwiseConv2dOp } from "../../kernels/depthwiseConv2d/depthwiseConv2d.ts";
import { showShape, type Tensor } from "../../kernels/op.ts";
import { reshape } from "../../kernels/reshape/reshape.ts";
import { PithError } from "../error.ts";
import { type Layer, type LayerOptions, layerParam, once } from "./layer.ts";
import { hint } from "./names.ts";

/** "same" (output is input / stride, rounded up) or "valid" (no padding). */
export type Padding = "same" | "valid";

interface WindowOptions extends LayerOptions {
  readonly padding?: Padding;
  readonly bias?: boolean;
}

export interface Conv1dOptions extends WindowOptions {
  readonly filters: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
}

type Pair = number | readonly [vertical: number, horizontal: number];

export interface Conv2dOptions extends WindowOptions {
  readonly filters: number;
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly dilation?: Pair;
}

const pair = (value: Pair): readonly [number, number] => (typeof value === "number" ? [value, value] : value);
const where = (kind: string, name: string | undefined): string => (name === undefined ? kind : `${kind} "${name}"`);

/** x [N, H, W, C] → [N, H', W', filters]. He-normal weights. */
export const conv2d = (options: Conv2dOptions): Layer => convolution("conv2d", options);

/** x [N, time, C] → [N, time', filters]. He-normal weights. */
export function conv1d(options: Conv1dOptions): Layer {
  const { kernel, stride = 1, dilation = 1, ...rest } = options;
  const flat = convolution("conv1d", { ...rest, kernel: [1, kernel], stride: [1, stride], dilation: [1, dilation] });
  return (x) => overTime(where("conv1d", options.name), x, flat);
}

/** Runs a layer of [N, 1, time, C] on [N, time, C]. */
function overTime(layer: string, x: Tensor, flat: Layer): Tensor {
  if (x.shape.length !== 3)
    throw new PithError("shape", `${layer}: ${showShape(x.shape)}, expected [batch, time, channels]`);
  const [n, time, channels] = x.shape as readonly [number, number, number];
  const y = flat(reshape(x, { shape: [n, 1, time, channels] }));
  return reshape(y, { shape: [n, y.shape[2]!, y.shape[3]!] });
}

function convolution(kind: string, options: Conv2dOptions): Layer {
  const { filters, name, padding = "same", bias = true } = options;
  const [kh, kw] = pair(options.kernel);
  const params = once(where(kind, name), (channels) => ({
    weights: layerParam(name, "weights", [filters, kh, kw, channels], { init: "heNormal", fanIn: kh * kw * channels }),
    bias: bias ? layerParam(name, "bias", [filters], { init: "zeros" }) : undefined,
  }));
  const attrs = { strides: pair(options.stride ?? 1), dilations: pair(options.dilation ?? 1), padding };
  return (x) => {
    const { weights, bias: b } = params(x);
    return conv2dOp(x, weights, b, { ...attrs, name: hint(kind, name) });
  };
}

export interface DepthwiseConv2dOptions extends WindowOptions {
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly dilation?: Pair;
  /** Filters a channel, 1 when absent. */
  readonly multiplier?: number;
}

/** Each channel by its own filters: x [N, H, W, C] → [N, H', W', C * multiplier]. He-normal weights. */
export function depthwiseConv2d(options: DepthwiseConv2dOptions): Layer {
  const { name, padding = "same", bias = true, multiplier = 1 } = options;
  const [kh, kw] = pair(options.kernel);
  const params = once(where("depthwiseConv2d", name), (channels) => ({
    weights: layerParam(name, "weights", [1, kh, kw, channels * multiplier], { init: "heNormal", fanIn: kh * kw }),
    bias: bias ? layerParam(name, "bias", [channels * multiplier], { init: "zeros" }) : undefined,
  }));
  const attrs = { strides: pair(options.stride ?? 1), dilations: pair(options.dilation ?? 1), padding };
  return (x) => {
    const { weights, bias: b } = params(x);
    return depthwiseConv2dOp(x, weights, b, { ...attrs, name: hint("depthwiseConv2d", name) });
  };
}

export interface PoolOptions extends LayerOptions {
  readonly size: Pair;
  /** As `size` when absent. */
  readonly stride?: Pair;
  readonly padding?: Padding;
}

/** Mean of each window's pixels that lie inside the image. x [N, H, W, C] → [N, H', W', C]. */
export function averagePool2d(options: PoolOptions): Layer {
  const { size, stride = size, padding = "valid", name } = options;
  return (x) =>
    averagePool2dOp(x, { size: pair(size), strides: pair(stride), padding, name: hint("averagePool2d", name) });
}

/** x [N, time, C] → [N, time', C]. */
export function averagePool1d(
  options: LayerOptions & { readonly size: number; readonly stride?: number; readonly padding?: Padding },
): Layer {
  const { size, stride = size, ...rest } = options;
  const flat = averagePool2d({ ...rest, size: [1, size], stride: [1, stride] });
  return (x) => overTime(where("averagePool1d", options.name), x, flat);
}
