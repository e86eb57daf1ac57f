import { forEachTap, geometryArgs, geometryOf, WINDOW } from "../conv/geometry.ts";
import { defineOp, elements, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

/** `shape`: that of the pooled input; the batch is that of `dy`. */
type Attrs = {
  shape: readonly number[];
  size: readonly number[];
  strides: readonly number[];
  padding: "same" | "valid" | readonly number[];
};

/** Gradient of averagePool2d, from `dy` [n, oh, ow, c]: `dx` [n, ih, iw, c]; each output's share is dy / its pixels. */
export const averagePool2dGrad: Op<[dy: Tensor], Attrs> = defineOp<[dy: Tensor], Attrs>({
  name: "averagePool2dGrad",
  attrs: { shape: [], size: [2, 2], strides: [2, 2], padding: "valid" },
  infer: ([dy], attrs) => {
    const { h, w } = geometryOf("averagePool2dGrad", attrs.shape, attrs.size, { ...WINDOW, ...attrs });
    const expected = [dy!.shape[0]!, h.output, w.output, attrs.shape[3]!];
    requires(
      showShape(dy!.shape) === showShape(expected),
      () => `averagePool2dGrad: dy is ${showShape(dy!.shape)}, expected ${showShape(expected)}`,
    );
    return [{ dtype: dy!.dtype, shape: [dy!.shape[0]!, ...attrs.shape.slice(1)] }];
  },
  reference: ([dy], attrs, [out]) => {
    const c = attrs.shape[3]!;
    const dx = new Float64Array(elements(out!.shape));
    const count = new Float64Array(dy!.data.length / c);
    const windows = geometryOf("averagePool2dGrad", attrs.shape, attrs.size, { ...WINDOW, ...attrs });
    forEachTap(windows, dy!.shape[0]!, (o) => void count[o]!++);
    forEachTap(windows, dy!.shape[0]!, (o, p) => {
      for (let i = 0; i < c; i++) dx[p * c + i]! += dy!.data[o * c + i]! / count[o]!;
    });
    return [dx];
  },
  quantize: { unsupported: "gradients are f32" },
  macs: ([dy], _out, { size }) => elements(dy!.shape) * elements(size),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ outputs: [out], attrs }) => {
    const c = attrs.shape[3]!;
    return {
      kernel: "averagePool2dGrad_f32",
      args: [
        ptr.input(0),
        ptr.output(0),
        ...geometryArgs(geometryOf("averagePool2dGrad", attrs.shape, attrs.size, { ...WINDOW, ...attrs }), c, c),
      ],
      parallel: elements(out!.shape) / c,
    };
  },
  samples: [
    { inputs: [[1, 1, 1, 1]], attrs: { shape: [1, 1, 1, 1], size: [1, 1], strides: [1, 1] } },
    { inputs: [[2, 2, 3, 3]], attrs: { shape: [2, 5, 7, 3] }, note: "pixels that no window reads" },
    { inputs: [[1, 3, 4, 17]], attrs: { shape: [1, 6, 7, 17], size: [3, 3], strides: [2, 2], padding: "same" } },
    { inputs: [[1, 4, 3, 2]], attrs: { shape: [1, 4, 4, 2], size: [2, 3], strides: [1, 2], padding: [1, 0, 1, 2] } },
  ],
});
