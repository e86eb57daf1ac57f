import { activate, activationBounds, quantizedBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { forEachTap, geometryArgs, geometryOf, WINDOW } from "../conv/geometry.ts";
import { maxPool2dGrad } from "../maxPool2dGrad/maxPool2dGrad.ts";
import { defineOp, elements, f32, i32, type Op, ptr, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = {
  size: readonly number[];
  strides: readonly number[];
  padding: "same" | "valid" | readonly number[];
  activation: string;
};

/**
 * Maximum over windows of `size`: `out[n, y, x, c] = activation(max of in over the window's pixels inside the image)`.
 * x: [n, h, w, c], f32, int8 or int16 (the output has the scale of the input).
 */
export const maxPool2d: Op<[x: Tensor], Attrs> = defineOp<[x: Tensor], Attrs>({
  name: "maxPool2d",
  attrs: { size: [2, 2], strides: [2, 2], padding: "valid", activation: "none" },
  infer: ([x], attrs) => {
    const { h, w } = geometryOf("maxPool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs });
    return [{ ...x!, shape: [x!.shape[0]!, h.output, w.output, x!.shape[3]!] }];
  },
  reference: ([x], attrs, [out]) => {
    const c = x!.shape[3]!;
    const y = new Float64Array(elements(out!.shape)).fill(Number.NEGATIVE_INFINITY);
    forEachTap(geometryOf("maxPool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs }), x!.shape[0]!, (o, p) => {
      for (let i = 0; i < c; i++) y[o * c + i] = Math.max(y[o * c + i]!, x!.data[p * c + i]!);
    });
    return [y.map((v) => activate(attrs.activation, v))];
  },
  gradient: ({ inputs: [x], outputs: [y], outGrads: [outGrad], attrs: { activation, ...attrs } }) => [
    maxPool2dGrad(activationGradient(activation, y!, outGrad!), x!, attrs),
  ],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  window: ([x], attrs) => geometryOf("maxPool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs }),
  lower: ({ inputs: [x], outputs: [out], attrs }) => {
    const c = x!.shape[3]!;
    const geometry = geometryArgs(geometryOf("maxPool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs }), c, c);
    if (x!.dtype !== "f32") {
      const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), out!.dtype);
      return {
        kernel: `maxPool2d_${out!.dtype}`,
        args: [ptr.input(0), ptr.output(0), i32(x!.shape[0]!), ...geometry, i32(lo), i32(hi)],
      };
    }
    const [lo, hi] = activationBounds(attrs.activation);
    return {
      kernel: "maxPool2d_f32",
      args: [ptr.input(0), ptr.output(0), ...geometry, f32(lo), f32(hi)],
      parallel: elements(out!.shape) / c,
    };
  },
  samples: [
    { inputs: [[1, 1, 1, 1]], attrs: { size: [1, 1], strides: [1, 1] } },
    { inputs: [[2, 5, 7, 3]] },
    { inputs: [[1, 6, 7, 17]], attrs: { size: [3, 3], strides: [2, 2], padding: "same", activation: "relu" } },
    { inputs: [[3, 1, 25, 5]], attrs: { size: [1, 25], strides: [1, 1] }, note: "global" },
    { inputs: [[1, 4, 4, 2]], attrs: { size: [2, 3], strides: [1, 2], padding: [1, 0, 1, 2] } },
  ],
});
