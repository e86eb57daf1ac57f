import { forEachTap, geometryArgs, geometryOf, WINDOW, type WindowAttrs } from "../conv/geometry.ts";
import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

/** `shape`: that of the convolution's weights, [1, kh, kw, o]. */
type Attrs = WindowAttrs & { shape: readonly number[] };

/** Gradient of depthwiseConv2d for its weights, from `dy` [n, oh, ow, o] and input [n, ih, iw, i]: `dw` [1, kh, kw, o]. */
export const depthwiseConv2dWeightGrad: Op<[dy: Tensor, x: Tensor], Attrs> = defineOp<[dy: Tensor, x: Tensor], Attrs>({
  name: "depthwiseConv2dWeightGrad",
  attrs: { ...WINDOW, shape: [] },
  infer: ([dy, x], attrs) => {
    const { h, w } = geometryOf("depthwiseConv2dWeightGrad", x!.shape, attrs.shape.slice(1, 3), attrs);
    const expected = [x!.shape[0]!, h.output, w.output, attrs.shape[3]!];
    requires(
      showShape(dy!.shape) === showShape(expected),
      () => `depthwiseConv2dWeightGrad: dy is ${showShape(dy!.shape)}, expected ${showShape(expected)}`,
    );
    return [{ dtype: dy!.dtype, shape: attrs.shape }];
  },
  reference: ([dy, x], attrs, [out]) => {
    const [oc, ic] = [out!.shape[3]!, x!.shape[3]!];
    const dw = new Float64Array(elements(out!.shape));
    const windows = geometryOf("depthwiseConv2dWeightGrad", x!.shape, out!.shape.slice(1, 3), attrs);
    forEachTap(windows, x!.shape[0]!, (o, p, tap) => {
      for (let c = 0; c < oc; c++)
        dw[tap * oc + c]! += dy!.data[o * oc + c]! * x!.data[p * ic + Math.floor((c * ic) / oc)]!;
    });
    return [dw];
  },
  quantize: { unsupported: "gradients are f32" },
  macs: ([dy], [out]) => elements(dy!.shape) * elements(out!.shape.slice(1, 3)),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ inputs: [, x], outputs: [out], attrs }) => {
    const [, kh, kw, oc] = out!.shape as readonly [number, number, number, number];
    const ic = x!.shape[3]!;
    return {
      kernel: "depthwiseConv2dWeightGrad_f32",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        i32(x!.shape[0]!),
        ...geometryArgs(geometryOf("depthwiseConv2dWeightGrad", x!.shape, [kh, kw], attrs), ic, oc),
      ],
      parallel: kh * kw,
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
        [2, 6, 7, 17],
      ],
      attrs: { shape: [1, 4, 4, 17], padding: "same", strides: [2, 2] },
      note: "asymmetric padding",
    },
    {
      inputs: [
        [1, 6, 6, 15],
        [1, 9, 11, 5],
      ],
      attrs: { shape: [1, 3, 2, 15], dilations: [2, 3], strides: [1, 2], padding: [1, 0, 2, 1] },
      note: "multiplier 3",
    },
    {
      inputs: [
        [3, 1, 10, 8],
        [3, 1, 20, 1],
      ],
      attrs: { shape: [1, 1, 9, 8], padding: "same", strides: [1, 2] },
    },
  ],
});
