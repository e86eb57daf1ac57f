import { activate, activationBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { concatAll } from "../concat/concat-all.ts";
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
import { conv2dInputGrad } from "../conv2dInputGrad/conv2dInputGrad.ts";
import { conv2dWeightGrad } from "../conv2dWeightGrad/conv2dWeightGrad.ts";
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
import { slice } from "../slice/slice.ts";
import { sum } from "../sum/sum.ts";
import { lowerGroupedF32, lowerGroupedI8 } from "./lower-grouped.ts";
import { lowerHybrid } from "./lower-hybrid.ts";
import { lowerI4 } from "./lower-i4.ts";
import { LOWER_I8 } from "./lower-i8.ts";
import { lowerI16 } from "./lower-i16.ts";

type Attrs = ConvAttrs;

const windows = (x: readonly number[], w: readonly number[], attrs: WindowAttrs): Geometry =>
  geometryOf("conv2d", x, w.slice(1, 3), attrs);

/**
 * Two-dimensional convolution (correlation, as everywhere in deep learning):
 * `out[n, y, x, o] = activation(bias[o] + sum_(ky, kx, i) in[n, y*sh + ky*dh - top, x*sw + kx*dw - left, i] * w[o, ky, kx, i])`,
 * pixels outside the image count as zero. x: [n, h, w, i]; w: [o, kh, kw, i / groups]; bias: [o], optional. Where
 * weights have fewer channels than x the filters work in groups: filter o reads the channels of group o / (o / groups).
 *
 * f32; int8 with int8 or int4 weights and i32 bias; int16 with int8 weights and an i64 bias or none (64-bit sums) or an
 * i32 bias (32-bit sums); f32 with constant int8 weights, which stay int8 in flash: `scale[o] * sum x * code` in f32.
 */
export const conv2d: Op<[x: Tensor, w: Tensor, bias?: Tensor], Attrs> = defineOp<
  [x: Tensor, w: Tensor, bias?: Tensor],
  Attrs
>({
  name: "conv2d",
  attrs: { ...WINDOW, activation: "none" },
  infer: ([x, w, bias], attrs) => {
    requires(
      w!.shape.length === 4,
      () => `conv2d: weights are ${showShape(w!.shape)}, expected [filters, height, width, channels]`,
    );
    const { h, w: across } = windows(x!.shape, w!.shape, attrs);
    const groups = groupsOf(x!.shape, w!.shape);
    requires(
      Number.isInteger(groups) && w!.shape[0]! % groups === 0,
      () =>
        `conv2d: weights are ${showShape(w!.shape)}, expected ${x!.shape[3]} input channels to match ${showShape(x!.shape)}, or filters in groups that divide both`,
    );
    requireOperands("conv2d", x!, w!, bias);
    requires(
      !bias || (bias.shape.length === 1 && bias.shape[0] === w!.shape[0]),
      () => `conv2d: bias is ${showShape(bias!.shape)}, expected [${w!.shape[0]}]`,
    );
    return [{ dtype: x!.dtype, shape: [x!.shape[0]!, h.output, across.output, w!.shape[0]!] }];
  },
  reference: ([x, w, bias], attrs, [out]) => {
    const [oc, kh, kw, count] = w!.shape as readonly [number, number, number, number];
    const ic = x!.shape[3]!;
    const filters = oc / groupsOf(x!.shape, w!.shape);
    const y = Float64Array.from({ length: elements(out!.shape) }, (_, i) => bias?.data[i % oc] ?? 0);
    forEachTap(windows(x!.shape, w!.shape, attrs), x!.shape[0]!, (o, p, tap) => {
      for (let c = 0; c < oc; c++) {
        const first = p * ic + Math.floor(c / filters) * count;
        for (let i = 0; i < count; i++)
          y[o * oc + c]! += x!.data[first + i]! * w!.data[(c * kh * kw + tap) * count + i]!;
      }
    });
    return [y.map((v) => activate(attrs.activation, v))];
  },
  gradient: ({ inputs: [x, w, bias], outputs: [y], outGrads: [outGrad], attrs: { activation, ...attrs } }) => {
    const dy = activationGradient(activation, y!, outGrad!);
    const { shape } = x!;
    const groups = groupsOf(shape, w!.shape);
    const [count, filters] = [w!.shape[3]!, w!.shape[0]! / groups];
    const part = (t: Tensor, axis: 0 | 3, from: number, size: number): Tensor =>
      groups === 1
        ? t
        : slice(t, {
            begin: t.shape.map((_, d) => (d === axis ? from : 0)),
            size: t.shape.map((_, d) => (d === axis ? size : -1)),
          });
    const grads = Array.from({ length: groups }, (_, g) => {
      const group = part(dy, 3, g * filters, filters);
      return [
        conv2dInputGrad(group, part(w!, 0, g * filters, filters), { ...attrs, shape: [...shape.slice(0, 3), count] }),
        conv2dWeightGrad(group, part(x!, 3, g * count, count), { ...attrs, shape: [filters, ...w!.shape.slice(1)] }),
      ] as const;
    });
    return [
      concatAll(
        grads.map(([dx]) => dx),
        3,
      ),
      concatAll(
        grads.map(([, dw]) => dw),
        0,
      ),
      ...(bias ? [sum(dy, { axes: [0, 1, 2] })] : []),
    ];
  },
  quantize: { output: "calibrated", weights: { input: 1, axis: 0, bias: 2 } },
  macs: ([, w], [out]) => elements(out!.shape) * elements(w!.shape.slice(1)),
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  window: ([x, w], attrs) => windows(x!.shape, w!.shape, attrs),
  lower,
  samples: [
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1], [1]] },
    { inputs: [[2, 5, 7, 3], [5, 3, 3, 3], [5]], attrs: { padding: "same", activation: "relu" } },
    {
      inputs: [[1, 8, 6, 2], [17, 4, 4, 2], [17]],
      attrs: { padding: "same", strides: [2, 2] },
      note: "asymmetric padding, one past a block of channels",
    },
    {
      inputs: [
        [1, 9, 11, 5],
        [3, 3, 2, 5],
      ],
      attrs: { dilations: [2, 3], strides: [1, 2], padding: [1, 0, 2, 1] },
      note: "no bias, dilation, explicit padding",
    },
    {
      inputs: [[3, 1, 20, 3], [16, 1, 9, 3], [16]],
      attrs: { padding: "same", strides: [1, 2], activation: "relu6" },
      range: [-3, 3],
      note: "height 1",
    },
    { inputs: [[2, 4, 5, 6], [9, 3, 2, 2], [9]], attrs: { padding: "same", strides: [2, 1] }, note: "three groups" },
    { inputs: [[1, 2, 3, 131], [33, 1, 1, 131], [33]], note: "1x1, odd depth" },
    { inputs: [[1, 4, 4, 130], [2, 3, 3, 130], [2]], attrs: { padding: "same" }, note: "depth past a tile of 1024" },
  ],
});

/** 1 where the filters read all channels; no integer where the shapes do not go together. */
const groupsOf = (x: readonly number[], w: readonly number[]): number => x[3]! / w[3]!;

function lower(call: LowerCall<Attrs>): Lowered {
  const [x, w] = call.inputs;
  if (x!.dtype === "i16") return lowerI16(call);
  if (w!.dtype === "i4") return lowerI4(call);
  const grouped = x!.shape[3] !== w!.shape[3];
  if (x!.dtype === "i8") return grouped ? lowerGroupedI8(call) : LOWER_I8[call.family](call);
  if (w!.dtype === "i8") return lowerHybrid(call);
  return grouped ? lowerGroupedF32(call) : lowerF32(call);
}

function lowerF32({ inputs: [x, w, bias], outputs: [out], attrs }: LowerCall<Attrs>): Lowered {
  const oc = w!.shape[0]!;
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "conv2d_f32",
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
