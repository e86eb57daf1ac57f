import { activate, activationBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import {
  type ConvAttrs,
  forEachTap,
  type Geometry,
  geometryArgs,
  geometryOf,
  WINDOW,
  type WindowAttrs,
} from "../conv/geometry.ts";
import { requireOperands } from "../conv/operands.ts";
import { depthwiseConv2dInputGrad } from "../depthwiseConv2dInputGrad/depthwiseConv2dInputGrad.ts";
import { depthwiseConv2dWeightGrad } from "../depthwiseConv2dWeightGrad/depthwiseConv2dWeightGrad.ts";
import {
  defineOp,
  elements,
  f32,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  showShape,
  type Tensor,
} from "../op.ts";
import { sum } from "../sum/sum.ts";
import { lowerI4 } from "./lower-i4.ts";
import { LOWER_I8 } from "./lower-i8.ts";
import { lowerI16 } from "./lower-i16.ts";

type Attrs = ConvAttrs;

const windows = (x: readonly number[], w: readonly number[], attrs: WindowAttrs): Geometry =>
  geometryOf("depthwiseConv2d", x, w.slice(1, 3), attrs);

/**
 * Convolution of each channel by its own filters:
 * `out[n, y, x, o] = activation(bias[o] + sum_(ky, kx) in[n, y*sh + ky*dh - top, x*sw + kx*dw - left, i] * w[0, ky, kx, o])`
 * with i = floor(o / multiplier). x: [n, h, w, c]; w: [1, kh, kw, c * multiplier]; bias: [c * multiplier], optional.
 * f32; int8 with int8 or int4 weights and i32 bias; int16 with int8 weights and an i64 or i32 bias, 64-bit sums.
 */
export const depthwiseConv2d: Op<[x: Tensor, w: Tensor, bias?: Tensor], Attrs> = defineOp<
  [x: Tensor, w: Tensor, bias?: Tensor],
  Attrs
>({
  name: "depthwiseConv2d",
  attrs: { ...WINDOW, activation: "none" },
  infer: ([x, w, bias], attrs) => {
    const { h, w: across } = windows(x!.shape, w!.shape, attrs);
    const [ic, oc] = [x!.shape[3]!, w!.shape[3]];
    requires(
      w!.shape.length === 4 && w!.shape[0] === 1 && oc! % ic === 0,
      () => `depthwiseConv2d: weights are ${showShape(w!.shape)}, expected [1, height, width, multiple of ${ic}]`,
    );
    requires(
      !bias || (bias.shape.length === 1 && bias.shape[0] === oc),
      () => `depthwiseConv2d: bias is ${showShape(bias!.shape)}, expected [${oc}]`,
    );
    requireOperands("depthwiseConv2d", x!, w!, bias);
    requires(
      x!.dtype !== "f32" || w!.dtype === "f32",
      () => "depthwiseConv2d: f32 activations with int8 weights, expected f32 weights (dequantize them)",
    );
    return [{ dtype: x!.dtype, shape: [x!.shape[0]!, h.output, across.output, oc!] }];
  },
  reference: ([x, w, bias], attrs, [out]) => {
    const [ic, oc] = [x!.shape[3]!, w!.shape[3]!];
    const y = Float64Array.from({ length: elements(out!.shape) }, (_, i) => bias?.data[i % oc] ?? 0);
    forEachTap(windows(x!.shape, w!.shape, attrs), x!.shape[0]!, (o, p, tap) => {
      for (let c = 0; c < oc; c++)
        y[o * oc + c]! += x!.data[p * ic + Math.floor((c * ic) / oc)]! * w!.data[tap * oc + c]!;
    });
    return [y.map((v) => activate(attrs.activation, v))];
  },
  gradient: ({ inputs: [x, w, bias], outputs: [y], outGrads: [outGrad], attrs: { activation, ...attrs } }) => {
    const dy = activationGradient(activation, y!, outGrad!);
    return [
      depthwiseConv2dInputGrad(dy, w!, { ...attrs, shape: x!.shape }),
      depthwiseConv2dWeightGrad(dy, x!, { ...attrs, shape: w!.shape }),
      ...(bias ? [sum(dy, { axes: [0, 1, 2] })] : []),
    ];
  },
  quantize: { output: "calibrated", weights: { input: 1, axis: 3, bias: 2 } },
  macs: ([, w], [out]) => elements(out!.shape) * elements(w!.shape.slice(1, 3)),
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  window: ([x, w], attrs) => windows(x!.shape, w!.shape, attrs),
  lower,
  samples: [
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1], [1]] },
    { inputs: [[2, 5, 7, 3], [1, 3, 3, 3], [3]], attrs: { padding: "same", activation: "relu" } },
    {
      inputs: [[1, 8, 6, 17], [1, 4, 4, 17], [17]],
      attrs: { padding: "same", strides: [2, 2] },
      note: "asymmetric padding",
    },
    {
      inputs: [
        [1, 9, 11, 5],
        [1, 3, 2, 15],
      ],
      attrs: { dilations: [2, 3], strides: [1, 2], padding: [1, 0, 2, 1] },
      note: "no bias, multiplier 3, dilation, explicit padding",
    },
    {
      inputs: [[3, 1, 20, 1], [1, 1, 9, 8], [8]],
      attrs: { padding: "same", strides: [1, 2], activation: "relu6" },
      range: [-3, 3],
      note: "one channel, multiplier 8",
    },
  ],
});

function lower(call: LowerCall<Attrs>): Lowered {
  const [x, w] = call.inputs;
  if (x!.dtype === "i16") return lowerI16(call);
  if (w!.dtype === "i4") return lowerI4(call);
  return x!.dtype === "i8" ? LOWER_I8[call.family](call) : lowerF32(call);
}

function lowerF32({ inputs: [x, w, bias], outputs: [out], attrs }: LowerCall<Attrs>): Lowered {
  const oc = w!.shape[3]!;
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "depthwiseConv2d_f32",
    args: [
      ptr.input(0),
      ptr.input(1),
      bias ? ptr.input(2) : i32(0),
      ptr.output(0),
      ...geometryArgs(windows(x!.shape, w!.shape, attrs), x!.shape[3]!, oc),
      f32(lo),
      f32(hi),
    ],
    parallel: elements(out!.shape) / oc,
  };
}
