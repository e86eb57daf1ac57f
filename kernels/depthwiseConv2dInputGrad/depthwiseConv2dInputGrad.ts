import { forEachTap, geometryArgs, geometryOf, WINDOW, type WindowAttrs } from "../conv/geometry.ts";
import { defineOp, elements, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

/** `shape`: that of the convolution's input; the batch is that of `dy`. */
type Attrs = WindowAttrs & { shape: readonly number[] };

/** Gradient of depthwiseConv2d for its input, from `dy` [n, oh, ow, o] and weights [1, kh, kw, o]: `dx` [n, ih, iw, i]. */
export const depthwiseConv2dInputGrad: Op<[dy: Tensor, w: Tensor], Attrs> = defineOp<[dy: Tensor, w: Tensor], Attrs>({
  name: "depthwiseConv2dInputGrad",
  attrs: { ...WINDOW, shape: [] },
  infer: ([dy, w], attrs) => {
    const { h, w: across } = geometryOf("depthwiseConv2dInputGrad", attrs.shape, w!.shape.slice(1, 3), attrs);
    const expected = [dy!.shape[0]!, h.output, across.output, w!.shape[3]!];
    requires(
      showShape(dy!.shape) === showShape(expected),
      () => `depthwiseConv2dInputGrad: dy is ${showShape(dy!.shape)}, expected ${showShape(expected)}`,
    );
    return [{ dtype: dy!.dtype, shape: [dy!.shape[0]!, ...attrs.shape.slice(1)] }];
  },
  reference: ([dy, w], attrs, [out]) => {
    const [oc, ic] = [w!.shape[3]!, out!.shape[3]!];
    const dx = new Float64Array(elements(out!.shape));
    const windows = geometryOf("depthwiseConv2dInputGrad", attrs.shape, w!.shape.slice(1, 3), attrs);
    forEachTap(windows, dy!.shape[0]!, (o, p, tap) => {
      for (let c = 0; c < oc; c++)
        dx[p * ic + Math.floor((c * ic) / oc)]! += dy!.data[o * oc + c]! * w!.data[tap * oc + c]!;
    });
    return [dx];
  },
  quantize: { unsupported: "gradients are f32" },
  macs: ([dy, w]) => elements(dy!.shape) * elements(w!.shape.slice(1, 3)),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ inputs: [, w], outputs: [out], attrs }) => {
    const [oc, ic] = [w!.shape[3]!, out!.shape[3]!];
    return {
      kernel: "depthwiseConv2dInputGrad_f32",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        ...geometryArgs(geometryOf("depthwiseConv2dInputGrad", attrs.shape, w!.shape.slice(1, 3), attrs), ic, oc),
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
        [2, 3, 4, 17],
        [1, 4, 4, 17],
      ],
      attrs: { shape: [2, 6, 7, 17], padding: "same", strides: [2, 2] },
      note: "asymmetric padding",
    },
    {
      inputs: [
        [1, 6, 6, 15],
        [1, 3, 2, 15],
      ],
      attrs: { shape: [1, 9, 11, 5], dilations: [2, 3], strides: [1, 2], padding: [1, 0, 2, 1] },
      note: "multiplier 3",
    },
    {
      inputs: [
        [3, 1, 10, 8],
        [1, 1, 9, 8],
      ],
      attrs: { shape: [3, 1, 20, 1], padding: "same", strides: [1, 2] },
    },
  ],
});
