import { forEachTap, geometryArgs, geometryOf, WINDOW, type WindowAttrs } from "../conv/geometry.ts";
import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

/** `shape`: that of the convolution's weights, [o, kh, kw, i]. */
type Attrs = WindowAttrs & { shape: readonly number[] };

/** Gradient of conv2d for its weights, from `dy` [n, oh, ow, o] and input [n, ih, iw, i]: `dw` [o, kh, kw, i]. */
export const conv2dWeightGrad: Op<[dy: Tensor, x: Tensor], Attrs> = defineOp<[dy: Tensor, x: Tensor], Attrs>({
  name: "conv2dWeightGrad",
  attrs: { ...WINDOW, shape: [] },
  infer: ([dy, x], attrs) => {
    const { h, w } = geometryOf("conv2dWeightGrad", x!.shape, attrs.shape.slice(1, 3), attrs);
    const expected = [x!.shape[0]!, h.output, w.output, attrs.shape[0]!];
    requires(
      showShape(dy!.shape) === showShape(expected),
      () => `conv2dWeightGrad: dy is ${showShape(dy!.shape)}, expected ${showShape(expected)}`,
    );
    return [{ dtype: dy!.dtype, shape: attrs.shape }];
  },
  reference: ([dy, x], attrs, [out]) => {
    const [oc, kh, kw, ic] = out!.shape as readonly [number, number, number, number];
    const dw = new Float64Array(elements(out!.shape));
    forEachTap(geometryOf("conv2dWeightGrad", x!.shape, [kh, kw], attrs), x!.shape[0]!, (o, p, tap) => {
      for (let c = 0; c < oc; c++)
        for (let i = 0; i < ic; i++) dw[(c * kh * kw + tap) * ic + i]! += dy!.data[o * oc + c]! * x!.data[p * ic + i]!;
    });
    return [dw];
  },
  quantize: { unsupported: "gradients are f32" },
  macs: ([dy], [out]) => elements(dy!.shape) * elements(out!.shape.slice(1)),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ inputs: [, x], outputs: [out], attrs }) => {
    const [oc, kh, kw, ic] = out!.shape as readonly [number, number, number, number];
    return {
      kernel: "conv2dWeightGrad_f32",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        i32(x!.shape[0]!),
        ...geometryArgs(geometryOf("conv2dWeightGrad", x!.shape, [kh, kw], attrs), ic, oc),
      ],
      parallel: kh * kw * ic,
    };
  },
  samples: [
    {
      inputs: [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
      attrs: { shape: [1, 1, 1, 1] },
    },
    {
      inputs: [
        [2, 3, 4, 17],
        [2, 6, 7, 5],
      ],
      attrs: { shape: [17, 4, 4, 5], padding: "same", strides: [2, 2] },
      note: "asymmetric padding, one past a block of channels",
    },
    {
      inputs: [
        [1, 6, 6, 3],
        [1, 9, 11, 5],
      ],
      attrs: { shape: [3, 3, 2, 5], dilations: [2, 3], strides: [1, 2], padding: [1, 0, 2, 1] },
    },
    {
      inputs: [
        [3, 1, 10, 16],
        [3, 1, 20, 3],
      ],
      attrs: { shape: [16, 1, 9, 3], padding: "same", strides: [1, 2] },
      note: "height 1",
    },
  ],
});
