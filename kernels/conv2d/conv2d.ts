import { activationGradient } from "../activation-gradient.ts";
import { activate, activationBounds, quantizedBounds } from "../activation.ts";
import { conv2dInputGrad } from "../conv2dInputGrad/conv2dInputGrad.ts";
import { conv2dWeightGrad } from "../conv2dWeightGrad/conv2dWeightGrad.ts";
import { defineOp, elements, f32, i32, type LowerCall, type Lowered, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";
import { channelParams, packWeights, paddedDepth, quantOf } from "../pack.ts";
import { sum } from "../sum/sum.ts";
import { forEachTap, WINDOW_DEFAULTS, type WindowAttrs, windowArgs, windowOf } from "../window/window.ts";

type Attrs = WindowAttrs & { activation: string };

const kernelSize = (w: readonly number[]): readonly [number, number] => [w[1]!, w[2]!];

/**
 * 2-D convolution: `out[n, y, x, o] = activation(bias[o] + sum x[n, y*sh - top + ky*dh, …, c] * w[o, ky, kx, c])`.
 * x: [n, h, w, c]; w: OHWI [o, kh, kw, c]; bias: [o], optional. f32, or int8 with int8 weights and i32 bias.
 */
export const conv2d: Op<[x: Tensor, w: Tensor, bias?: Tensor], Attrs> = defineOp<[x: Tensor, w: Tensor, bias?: Tensor], Attrs>({
  name: "conv2d",
  attrs: { ...WINDOW_DEFAULTS, activation: "none" },
  infer: ([x, w, bias], attrs) => {
    requires(w!.shape.length === 4, () => `conv2d: weights are ${showShape(w!.shape)}, expected [outputs, height, width, inputs]`);
    requires(w!.shape[3] === x!.shape[3], () => `conv2d: weights are ${showShape(w!.shape)}, expected ${x!.shape[3]} input channels to match ${showShape(x!.shape)}`);
    requires(!bias || (bias.shape.length === 1 && bias.shape[0] === w!.shape[0]), () => `conv2d: bias is ${showShape(bias!.shape)}, expected [${w!.shape[0]}]`);
    const { n, oh, ow } = windowOf("conv2d", x!.shape, kernelSize(w!.shape), attrs);
    return [{ dtype: x!.dtype, shape: [n, oh, ow, w!.shape[0]!] }];
  },
  reference: ([x, w, bias], attrs, [out]) => {
    const window = windowOf("conv2d", x!.shape, kernelSize(w!.shape), attrs);
    const [oc, ic, taps] = [w!.shape[0]!, window.ic, window.kh * window.kw];
    const y = Float64Array.from({ length: elements(out!.shape) }, (_, i) => bias?.data[i % oc] ?? 0);
    forEachTap(window, (outPixel, tap, inPixel) => {
      for (let o = 0; o < oc; o++)
        for (let c = 0; c < ic; c++) y[outPixel * oc + o]! += x!.data[inPixel * ic + c]! * w!.data[(o * taps + tap) * ic + c]!;
    });
    return [y.map((v) => activate(attrs.activation, v))];
  },
  gradient: ({ inputs: [x, w, bias], outputs: [y], outGrads: [outGrad], attrs: { activation, ...window } }) => {
    const dy = activationGradient(activation, y!, outGrad!);
    return [
      conv2dInputGrad(dy, w!, { ...window, shape: x!.shape }),
      conv2dWeightGrad(dy, x!, { ...window, shape: w!.shape }),
      ...(bias ? [sum(dy, { axes: [0, 1, 2] })] : []),
    ];
  },
  quantize: { output: "calibrated", weights: { input: 1, axis: 0, bias: 2 } },
  macs: ([, w], [out]) => elements(out!.shape) * elements(w!.shape.slice(1)),
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) => (call.inputs[0]!.dtype === "i8" ? lowerI8(call) : lowerF32(call)),
  samples: [
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1], [1]] },
    { inputs: [[1, 5, 7, 3], [9, 3, 3, 3], [9]], attrs: { padding: "same", activation: "relu" } },
    { inputs: [[2, 6, 5, 2], [17, 2, 4, 2]], attrs: { padding: "same", strides: [2, 2] }, note: "asymmetric SAME, no bias" },
    { inputs: [[1, 9, 8, 5], [8, 3, 2, 5], [8]], attrs: { dilations: [2, 3], strides: [1, 2], activation: "relu6" }, range: [-2, 2] },
    { inputs: [[1, 1, 20, 3], [16, 1, 9, 3], [16]], attrs: { padding: "same", strides: [1, 2] }, note: "one dimension" },
    { inputs: [[1, 4, 3, 2], [3, 3, 3, 2], [3]], attrs: { padding: [2, 0, 1, 1] } },
  ],
});

function lowerF32({ inputs: [x, w, bias], attrs }: LowerCall<Attrs>): Lowered {
  const window = windowOf("conv2d", x!.shape, kernelSize(w!.shape), attrs);
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "conv2d_f32",
    args: [ptr.input(0), ptr.input(1), bias ? ptr.input(2) : i32(0), ptr.output(0), i32(w!.shape[0]!), ...windowArgs(window), f32(lo), f32(hi)],
    parallel: window.n * window.oh,
  };
}

function lowerI8({ inputs: [x, w, bias], outputs: [out], attrs, family, constant }: LowerCall<Attrs>): Lowered {
  const window = windowOf("conv2d", x!.shape, kernelSize(w!.shape), attrs);
  const [oc, depth] = [w!.shape[0]!, elements(w!.shape.slice(1))];
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "conv2d_i8",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      i32(oc),
      ...windowArgs(window),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: packWeights(constant(1) as Int8Array, oc, depth, family) },
      { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), oc) },
    ],
    scratchBytes: paddedDepth(depth) * 2,
  };
}
