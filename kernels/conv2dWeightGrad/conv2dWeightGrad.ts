import { conv2d } from "../conv2d/conv2d.ts";
import { conv2dInputGrad } from "../conv2dInputGrad/conv2dInputGrad.ts";
import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";
import { forEachTap, WINDOW_DEFAULTS, type WindowAttrs, windowArgs, windowOf } from "../window/window.ts";

type Attrs = WindowAttrs & { shape: readonly number[] };

const kernelOf = ({ shape }: Attrs): readonly [number, number] => [shape[1]!, shape[2]!];

/**
 * Gradient of conv2d with respect to its weights, of shape `attrs.shape` OHWI; linear in dy and x.
 * dy: [n, oh, ow, o]; x: [n, h, w, c]. f32.
 */
export const conv2dWeightGrad: Op<[dy: Tensor, x: Tensor], Attrs> = defineOp<[dy: Tensor, x: Tensor], Attrs>({
  name: "conv2dWeightGrad",
  attrs: { ...WINDOW_DEFAULTS, shape: [] },
  infer: ([dy, x], attrs) => {
    const { n, oh, ow } = windowOf("conv2dWeightGrad", x!.shape, kernelOf(attrs), attrs);
    const want = [n, oh, ow, attrs.shape[0]!];
    requires(showShape(want) === showShape(dy!.shape), () => `conv2dWeightGrad: outGrad is ${showShape(dy!.shape)}, expected ${showShape(want)}`);
    return [{ dtype: dy!.dtype, shape: attrs.shape }];
  },
  reference: ([dy, x], attrs) => {
    const window = windowOf("conv2dWeightGrad", x!.shape, kernelOf(attrs), attrs);
    const [oc, ic, taps] = [attrs.shape[0]!, window.ic, window.kh * window.kw];
    const out = new Float64Array(elements(attrs.shape));
    forEachTap(window, (outPixel, tap, inPixel) => {
      for (let o = 0; o < oc; o++) for (let c = 0; c < ic; c++) out[(o * taps + tap) * ic + c]! += dy!.data[outPixel * oc + o]! * x!.data[inPixel * ic + c]!;
    });
    return [out];
  },
  gradient: ({ inputs: [dy, x], outGrads: [g], attrs: { shape: _, ...window } }) => [conv2d(x!, g!, undefined, window), conv2dInputGrad(dy!, g!, { ...window, shape: x!.shape })],
  quantize: { unsupported: "only in training graphs" },
  macs: ([dy], _out, { shape }) => elements(dy!.shape) * elements(shape.slice(1)),
  trainingOnly: true,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [, x], attrs }) => {
    const window = windowOf("conv2dWeightGrad", x!.shape, kernelOf(attrs), attrs);
    return {
      kernel: "conv2dWeightGrad_f32",
      args: [ptr.input(0), ptr.input(1), ptr.output(0), i32(attrs.shape[0]!), ...windowArgs(window)],
      parallel: window.kh * window.kw * window.ic,
    };
  },
  samples: [
    { inputs: [[1, 1, 1, 1], [1, 1, 1, 1]], attrs: { shape: [1, 1, 1, 1] } },
    { inputs: [[1, 5, 7, 9], [1, 5, 7, 3]], attrs: { shape: [9, 3, 3, 3], padding: "same" } },
    { inputs: [[2, 3, 3, 17], [2, 6, 5, 2]], attrs: { shape: [17, 2, 4, 2], padding: "same", strides: [2, 2] } },
    { inputs: [[1, 5, 3, 4], [1, 9, 8, 5]], attrs: { shape: [4, 3, 2, 5], dilations: [2, 3], strides: [1, 2] } },
  ],
});
