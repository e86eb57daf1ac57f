import { forEachTap, geometryArgs, geometryOf, WINDOW, type WindowAttrs } from "../conv/geometry.ts";
import { defineOp, elements, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

/** `shape`: that of the convolution's input; the batch is that of `dy`. */
type Attrs = WindowAttrs & { shape: readonly number[] };

/** Gradient of conv2d for its input, from `dy` [n, oh, ow, o] and weights [o, kh, kw, i]: `dx` [n, ih, iw, i]. */
export const conv2dInputGrad: Op<[dy: Tensor, w: Tensor], Attrs> = defineOp<[dy: Tensor, w: Tensor], Attrs>({
  name: "conv2dInputGrad",
  attrs: { ...WINDOW, shape: [] },
  infer: ([dy, w], attrs) => {
    const { h, w: across } = geometryOf("conv2dInputGrad", attrs.shape, w!.shape.slice(1, 3), attrs);
    const expected = [dy!.shape[0]!, h.output, across.output, w!.shape[0]!];
    requires(
      showShape(dy!.shape) === showShape(expected),
      () => `conv2dInputGrad: dy is ${showShape(dy!.shape)}, expected ${showShape(expected)}`,
    );
    return [{ dtype: dy!.dtype, shape: [dy!.shape[0]!, ...attrs.shape.slice(1)] }];
  },
  reference: ([dy, w], attrs, [out]) => {
    const [oc, kh, kw, ic] = w!.shape as readonly [number, number, number, number];
    const dx = new Float64Array(elements(out!.shape));
    forEachTap(geometryOf("conv2dInputGrad", attrs.shape, [kh, kw], attrs), dy!.shape[0]!, (o, p, tap) => {
      for (let c = 0; c < oc; c++)
        for (let i = 0; i < ic; i++) dx[p * ic + i]! += dy!.data[o * oc + c]! * w!.data[(c * kh * kw + tap) * ic + i]!;
    });
    return [dx];
  },
  quantize: { unsupported: "gradients are f32" },
  macs: ([dy, w]) => elements(dy!.shape) * elements(w!.shape.slice(1)),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ inputs: [, w], outputs: [out], attrs }) => {
    const [oc, kh, kw, ic] = w!.shape as readonly [number, number, number, number];
    return {
      kernel: "conv2dInputGrad_f32",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        ...geometryArgs(geometryOf("conv2dInputGrad", attrs.shape, [kh, kw], attrs), ic, oc),
      ],
      parallel: elements(out!.shape) / ic,
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
        [2, 3, 4, 5],
        [5, 4, 4, 17],
      ],
      attrs: { shape: [2, 6, 7, 17], padding: "same", strides: [2, 2] },
      note: "asymmetric padding, one past a block of channels",
    },
    {
      inputs: [
        [1, 6, 6, 3],
        [3, 3, 2, 5],
      ],
      attrs: { shape: [1, 9, 11, 5], dilations: [2, 3], strides: [1, 2], padding: [1, 0, 2, 1] },
    },
    {
      inputs: [
        [3, 1, 10, 32],
        [32, 1, 5, 16],
      ],
      attrs: { shape: [3, 1, 20, 16], padding: "same", strides: [1, 2] },
      note: "height 1",
    },
    {
      inputs: [
        [1, 3, 3, 130],
        [130, 3, 3, 2],
      ],
      attrs: { shape: [1, 3, 3, 2], padding: "same" },
      note: "depth past a tile of 1024",
    },
  ],
});
