import { conv2d } from "../conv2d/conv2d.ts";
import { conv2dWeightGrad } from "../conv2dWeightGrad/conv2dWeightGrad.ts";
import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";
import { forEachTap, WINDOW_DEFAULTS, type WindowAttrs, windowArgs, windowOf } from "../window/window.ts";

type Attrs = WindowAttrs & { shape: readonly number[] };

/**
 * Gradient of conv2d with respect to its input, of shape `attrs.shape` [n, h, w, c]; linear in dy and w.
 * dy: [n, oh, ow, o]; w: OHWI. f32.
 */
export const conv2dInputGrad: Op<[dy: Tensor, w: Tensor], Attrs> = defineOp<[dy: Tensor, w: Tensor], Attrs>({
  name: "conv2dInputGrad",
  attrs: { ...WINDOW_DEFAULTS, shape: [] },
  infer: ([dy, w], attrs) => {
    const { n, oh, ow } = windowOf("conv2dInputGrad", attrs.shape, [w!.shape[1]!, w!.shape[2]!], attrs);
    const want = [n, oh, ow, w!.shape[0]!];
    requires(showShape(want) === showShape(dy!.shape), () => `conv2dInputGrad: outGrad is ${showShape(dy!.shape)}, expected ${showShape(want)}`);
    return [{ dtype: dy!.dtype, shape: attrs.shape }];
  },
  reference: ([dy, w], attrs) => {
    const window = windowOf("conv2dInputGrad", attrs.shape, [w!.shape[1]!, w!.shape[2]!], attrs);
    const [oc, ic, taps] = [w!.shape[0]!, window.ic, window.kh * window.kw];
    const dx = new Float64Array(elements(attrs.shape));
    forEachTap(window, (outPixel, tap, inPixel) => {
      for (let o = 0; o < oc; o++) for (let c = 0; c < ic; c++) dx[inPixel * ic + c]! += dy!.data[outPixel * oc + o]! * w!.data[(o * taps + tap) * ic + c]!;
    });
    return [dx];
  },
  gradient: ({ inputs: [dy, w], outGrads: [g], attrs: { shape: _, ...window } }) => [conv2d(g!, w!, undefined, window), conv2dWeightGrad(dy!, g!, { ...window, shape: w!.shape })],
  quantize: { unsupported: "only in training graphs" },
  macs: ([dy, w]) => elements(dy!.shape) * elements(w!.shape.slice(1)),
  trainingOnly: true,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [, w], attrs }) => {
    const window = windowOf("conv2dInputGrad", attrs.shape, [w!.shape[1]!, w!.shape[2]!], attrs);
    return {
      kernel: "conv2dInputGrad_f32",
      args: [ptr.input(0), ptr.input(1), ptr.output(0), i32(w!.shape[0]!), ...windowArgs(window)],
      parallel: window.n * window.ih,
    };
  },
  samples: [
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1]], attrs: { shape: [1, 1, 1, 1] } },
    { inputs: [[1, 5, 7, 9], [9, 3, 3, 3]], attrs: { shape: [1, 5, 7, 3], padding: "same" } },
    { inputs: [[2, 3, 3, 17], [17, 2, 4, 2]], attrs: { shape: [2, 6, 5, 2], padding: "same", strides: [2, 2] } },
    { inputs: [[1, 5, 3, 4], [4, 3, 2, 5]], attrs: { shape: [1, 9, 8, 5], dilations: [2, 3], strides: [1, 2] } },
  ],
});
