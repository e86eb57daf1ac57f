import { forEachTap, geometryArgs, geometryOf, WINDOW } from "../conv/geometry.ts";
import { defineOp, elements, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

type Attrs = {
  size: readonly number[];
  strides: readonly number[];
  padding: "same" | "valid" | readonly number[];
};

/**
 * Gradient of maxPool2d, from `dy` [n, oh, ow, c] and the pooled input `x` [n, ih, iw, c]: each output's gradient goes
 * to the first pixel of its window, in order of y, x, that holds the maximum.
 */
export const maxPool2dGrad: Op<[dy: Tensor, x: Tensor], Attrs> = defineOp<[dy: Tensor, x: Tensor], Attrs>({
  name: "maxPool2dGrad",
  attrs: { size: [2, 2], strides: [2, 2], padding: "valid" },
  infer: ([dy, x], attrs) => {
    const { h, w } = geometryOf("maxPool2dGrad", x!.shape, attrs.size, { ...WINDOW, ...attrs });
    const expected = [x!.shape[0]!, h.output, w.output, x!.shape[3]!];
    requires(
      showShape(dy!.shape) === showShape(expected),
      () => `maxPool2dGrad: dy is ${showShape(dy!.shape)}, expected ${showShape(expected)}`,
    );
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  reference: ([dy, x], attrs) => {
    const c = x!.shape[3]!;
    const first = new Int32Array(dy!.data.length).fill(-1);
    forEachTap(geometryOf("maxPool2dGrad", x!.shape, attrs.size, { ...WINDOW, ...attrs }), x!.shape[0]!, (o, p) => {
      for (let i = 0; i < c; i++) {
        const best = first[o * c + i]!;
        if (best < 0 || x!.data[p * c + i]! > x!.data[best]!) first[o * c + i] = p * c + i;
      }
    });
    const dx = new Float64Array(x!.data.length);
    first.forEach((p, o) => {
      if (p >= 0) dx[p]! += dy!.data[o]!;
    });
    return [dx];
  },
  quantize: { unsupported: "gradients are f32" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ inputs: [, x], outputs: [out], attrs }) => {
    const c = x!.shape[3]!;
    return {
      kernel: "maxPool2dGrad_f32",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        ...geometryArgs(geometryOf("maxPool2dGrad", x!.shape, attrs.size, { ...WINDOW, ...attrs }), c, c),
      ],
      parallel: elements(out!.shape) / c,
    };
  },
  samples: [
    {
      inputs: [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
      attrs: { size: [1, 1], strides: [1, 1] },
    },
    {
      inputs: [
        [2, 2, 3, 3],
        [2, 5, 7, 3],
      ],
      note: "pixels that no window reads",
    },
    {
      inputs: [
        [1, 3, 4, 17],
        [1, 6, 7, 17],
      ],
      attrs: { size: [3, 3], strides: [2, 2], padding: "same" },
    },
    {
      inputs: [
        [1, 4, 3, 2],
        [1, 4, 4, 2],
      ],
      attrs: { size: [2, 3], strides: [1, 2], padding: [1, 0, 1, 2] },
    },
    {
      inputs: [
        [1, 1, 1, 1],
        [1, 2, 2, 1],
      ],
      values: [[1], [3, 3, 3, 3]],
      note: "ties: the first pixel takes all",
    },
  ],
});
