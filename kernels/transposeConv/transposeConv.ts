import { activate, activationBounds, quantizedBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { forEachTap, type Geometry, geometryOf, type WindowAttrs } from "../conv/geometry.ts";
import { requireOperands } from "../conv/operands.ts";
import { conv2d } from "../conv2d/conv2d.ts";
import { conv2dWeightGrad } from "../conv2dWeightGrad/conv2dWeightGrad.ts";
import {
  defineOp,
  elements,
  f32,
  i32,
  type LowerArg,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  showShape,
  type Tensor,
} from "../op.ts";
import { channelParams, quantOf } from "../pack.ts";
import { checkSymmetric, chunkOf, wideParams } from "../pack-i16.ts";
import { sum } from "../sum/sum.ts";
import { transpose } from "../transpose/transpose.ts";

/** `size`: height and width of the output; empty takes the smallest that the padding allows. */
type Attrs = Omit<WindowAttrs, "dilations"> & { readonly size: readonly number[]; readonly activation: string };

/** Output height and width. */
function sizeOf(x: readonly number[], w: readonly number[], { size, strides, padding }: Attrs): readonly number[] {
  if (size.length > 0) return size;
  return [0, 1].map((d) => {
    const [pixels, stride] = [x[d + 1]!, strides[d]!];
    if (padding === "same") return pixels * stride;
    const padded = padding === "valid" ? 0 : padding[d * 2]! + padding[d * 2 + 1]!;
    return (pixels - 1) * stride + w[d + 1]! - padded;
  });
}

/** Windows of the convolution that this transposes: it reads the output of transposeConv and gives its input. */
function windows(x: readonly number[], w: readonly number[], attrs: Attrs): Geometry {
  const image = [x[0]!, ...sizeOf(x, w, attrs), w[0]!];
  const { strides, padding } = attrs;
  return geometryOf("transposeConv", image, w.slice(1, 3), { strides, padding, dilations: [1, 1] });
}

/**
 * Transposed convolution, the adjoint of conv2d with the same strides and padding:
 * `out[n, y, x, o] = activation(bias[o] + sum in[n, (y + top - ky) / sh, (x + left - kx) / sw, i] * w[o, ky, kx, i])`
 * over the taps where both quotients are whole and inside. x: [n, h, w, i]; w: [o, kh, kw, i]; bias: [o], optional.
 * f32; int8 with i32 bias; int16 with int8 weights and an i64 bias or none, 64-bit sums.
 */
export const transposeConv: Op<[x: Tensor, w: Tensor, bias?: Tensor], Attrs> = defineOp<
  [x: Tensor, w: Tensor, bias?: Tensor],
  Attrs
>({
  name: "transposeConv",
  attrs: { strides: [1, 1], padding: "valid", size: [], activation: "none" },
  infer: ([x, w, bias], attrs) => {
    requires(
      x!.shape.length === 4 && w!.shape.length === 4 && x!.shape[3] === w!.shape[3],
      () =>
        `transposeConv: ${showShape(x!.shape)} with weights ${showShape(w!.shape)}, expected [batch, height, width, channels] and [filters, height, width, channels]`,
    );
    const [height, width] = sizeOf(x!.shape, w!.shape, attrs);
    const { h, w: across } = windows(x!.shape, w!.shape, attrs);
    requires(
      h.output === x!.shape[1] && across.output === x!.shape[2],
      () =>
        `transposeConv: size ${height} x ${width}, expected one that a convolution with these strides and padding reduces to ${x!.shape[1]} x ${x!.shape[2]}, not ${h.output} x ${across.output}`,
    );
    requires(
      !bias || (bias.shape.length === 1 && bias.shape[0] === w!.shape[0]),
      () => `transposeConv: bias is ${showShape(bias!.shape)}, expected [${w!.shape[0]}]`,
    );
    requireOperands("transposeConv", x!, w!, bias);
    requires(
      !(x!.dtype === "f32" && w!.dtype === "i8") && w!.dtype !== "i4",
      () => `transposeConv: ${w!.dtype} weights with ${x!.dtype} activations, expected f32 or int8 weights`,
    );
    return [{ dtype: x!.dtype, shape: [x!.shape[0]!, height!, width!, w!.shape[0]!] }];
  },
  reference: ([x, w, bias], attrs, [out]) => {
    const [oc, kh, kw, ic] = w!.shape as readonly [number, number, number, number];
    const y = Float64Array.from({ length: elements(out!.shape) }, (_, i) => bias?.data[i % oc] ?? 0);
    forEachTap(windows(x!.shape, w!.shape, attrs), x!.shape[0]!, (p, o, tap) => {
      for (let c = 0; c < oc; c++)
        for (let i = 0; i < ic; i++) y[o * oc + c]! += x!.data[p * ic + i]! * w!.data[(c * kh * kw + tap) * ic + i]!;
    });
    return [y.map((v) => activate(attrs.activation, v))];
  },
  gradient: ({ inputs: [x, w, bias], outputs: [y], outGrads: [outGrad], attrs }) => {
    const dy = activationGradient(attrs.activation, y!, outGrad!);
    const { strides, padding } = attrs;
    const [oc, kh, kw, ic] = w!.shape as readonly [number, number, number, number];
    const swapped = { order: [3, 1, 2, 0] };
    return [
      conv2d(dy, transpose(w!, swapped), undefined, { strides, padding }),
      transpose(conv2dWeightGrad(x!, dy, { strides, padding, shape: [ic, kh, kw, oc] }), swapped),
      ...(bias ? [sum(dy, { axes: [0, 1, 2] })] : []),
    ];
  },
  quantize: { output: "calibrated", weights: { input: 1, axis: 0, bias: 2 } },
  macs: ([x, w]) => elements(x!.shape) * elements(w!.shape.slice(0, 3)),
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) => LOWER[call.inputs[0]!.dtype as "f32" | "i8" | "i16"](call),
  samples: [
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1], [1]] },
    { inputs: [[2, 4, 3, 3], [5, 3, 3, 3], [5]], attrs: { strides: [2, 2], padding: "same", activation: "relu" } },
    {
      inputs: [
        [1, 3, 2, 2],
        [3, 5, 4, 2],
      ],
      attrs: { strides: [2, 3], size: [10, 7] },
      note: "no bias, an output larger than the taps reach",
    },
    { inputs: [[1, 3, 3, 4], [2, 1, 1, 4], [2]], attrs: { strides: [2, 2], padding: "same" }, note: "holes" },
    {
      inputs: [[1, 1, 9, 17], [7, 1, 4, 17], [7]],
      attrs: { strides: [1, 2], padding: [0, 0, 1, 2], activation: "relu6" },
      range: [-2, 2],
      note: "height 1, explicit padding",
    },
  ],
});

/** oh ow oc ih iw ic kh kw sh sw top left. */
function geometryArguments(x: readonly number[], w: readonly number[], attrs: Attrs): readonly LowerArg[] {
  const { h, w: across } = windows(x, w, attrs);
  const [oc, kh, kw, ic] = w as readonly [number, number, number, number];
  return [h.input, across.input, oc, x[1]!, x[2]!, ic, kh, kw, h.stride, across.stride, h.before, across.before].map(
    i32,
  );
}

const LOWER: Readonly<Record<"f32" | "i8" | "i16", (call: LowerCall<Attrs>) => Lowered>> = {
  f32: ({ inputs: [x, w, bias], outputs: [out], attrs }) => {
    const [lo, hi] = activationBounds(attrs.activation);
    return {
      kernel: "transposeConv_f32",
      args: [
        ptr.input(0),
        ptr.input(1),
        bias ? ptr.input(2) : i32(0),
        ptr.output(0),
        ...geometryArguments(x!.shape, w!.shape, attrs),
        f32(lo),
        f32(hi),
      ],
      parallel: elements(out!.shape) / w!.shape[0]!,
    };
  },
  i8: ({ inputs: [x, w, bias], outputs: [out], attrs, constant }) => {
    const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
    return {
      kernel: "transposeConv_i8",
      requantize: "exact64",
      args: [
        ptr.input(0),
        ptr.const(0),
        ptr.const(1),
        ptr.output(0),
        i32(x!.shape[0]!),
        ...geometryArguments(x!.shape, w!.shape, attrs),
        i32(quantOf(x!).zeroPoint[0]!),
        i32(quantOf(out!).zeroPoint[0]!),
        i32(lo),
        i32(hi),
      ],
      consts: [
        { name: "weights", data: constant(1) },
        { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), w!.shape[0]!) },
      ],
    };
  },
  i16: ({ inputs: [x, w, bias], outputs: [out], attrs, constant }) => {
    checkSymmetric("transposeConv", [x!, w!, out!]);
    const weights = constant(1) as Int8Array;
    const [oc, ic] = [w!.shape[0]!, w!.shape[3]!];
    const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), "i16");
    return {
      kernel: "transposeConv_i16",
      requantize: "exact64",
      args: [
        ptr.input(0),
        ptr.const(0),
        ptr.const(1),
        ptr.output(0),
        i32(x!.shape[0]!),
        ...geometryArguments(x!.shape, w!.shape, attrs),
        i32(chunkOf(weights, weights.length / ic, ic)),
        i32(lo),
        i32(hi),
      ],
      consts: [
        { name: "weights", data: weights },
        { name: "channels", data: wideParams(x!, w!, out!, bias && constant(2), oc) },
      ],
    };
  },
};
