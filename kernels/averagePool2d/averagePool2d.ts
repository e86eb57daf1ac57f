import { activate, activationBounds, quantizedBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { averagePool2dGrad } from "../averagePool2dGrad/averagePool2dGrad.ts";
import { forEachTap, geometryArgs, geometryOf, WINDOW } from "../conv/geometry.ts";
import { defineOp, elements, f32, i32, type Op, ptr, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = {
  size: readonly number[];
  strides: readonly number[];
  padding: "same" | "valid" | readonly number[];
  activation: string;
};

/**
 * Mean over windows of `size`: `out[n, y, x, c] = activation(mean of in over the window's pixels inside the image)`.
 * x: [n, h, w, c], f32, int8 or int16 (the output has the scale of the input).
 */
export const averagePool2d: Op<[x: Tensor], Attrs> = defineOp<[x: Tensor], Attrs>({
  name: "averagePool2d",
  attrs: { size: [2, 2], strides: [2, 2], padding: "valid", activation: "none" },
  infer: ([x], attrs) => {
    const { h, w } = geometryOf("averagePool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs });
    return [{ ...x!, shape: [x!.shape[0]!, h.output, w.output, x!.shape[3]!] }];
  },
  reference: ([x], attrs, [out]) => {
    const c = x!.shape[3]!;
    const y = new Float64Array(elements(out!.shape));
    const count = new Float64Array(y.length / c);
    forEachTap(geometryOf("averagePool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs }), x!.shape[0]!, (o, p) => {
      for (let i = 0; i < c; i++) y[o * c + i]! += x!.data[p * c + i]!;
      count[o]!++;
    });
    return [y.map((v, i) => activate(attrs.activation, v / Math.max(1, count[Math.floor(i / c)]!)))];
  },
  gradient: ({ inputs: [x], outputs: [y], outGrads: [outGrad], attrs: { activation, ...attrs } }) => [
    averagePool2dGrad(activationGradient(activation, y!, outGrad!), { ...attrs, shape: x!.shape }),
  ],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  window: ([x], attrs) => geometryOf("averagePool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs }),
  lower: ({ inputs: [x], outputs: [out], attrs, family }) => {
    const c = x!.shape[3]!;
    const geometry = geometryArgs(geometryOf("averagePool2d", x!.shape, attrs.size, { ...WINDOW, ...attrs }), c, c);
    if (x!.dtype !== "f32") {
      const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), out!.dtype);
      const sizes = [i32(x!.shape[0]!), ...geometry, i32(lo), i32(hi)];
      // The vector kernel's sums have 16 bits, and its loads 16 channels.
      if (family === "reduce" && out!.dtype === "i8" && c % 16 === 0 && elements(attrs.size) < 256)
        return {
          kernel: "averagePool2d_i8_reduce",
          file: "averagePool2d.reduce",
          args: [ptr.input(0), ptr.output(0), ptr.scratch(), ...sizes],
          scratchBytes: 32,
        };
      return { kernel: `averagePool2d_${out!.dtype}`, args: [ptr.input(0), ptr.output(0), ...sizes] };
    }
    const [lo, hi] = activationBounds(attrs.activation);
    return {
      kernel: "averagePool2d_f32",
      args: [ptr.input(0), ptr.output(0), ...geometry, f32(lo), f32(hi)],
      parallel: elements(out!.shape) / c,
    };
  },
  samples: [
    { inputs: [[1, 1, 1, 1]], attrs: { size: [1, 1], strides: [1, 1] } },
    { inputs: [[2, 5, 7, 3]] },
    {
      inputs: [[1, 6, 7, 17]],
      attrs: { size: [3, 3], strides: [2, 2], padding: "same", activation: "relu" },
      note: "asymmetric padding: fewer pixels at the edges",
    },
    { inputs: [[3, 1, 25, 5]], attrs: { size: [1, 25], strides: [1, 1] }, note: "global" },
    { inputs: [[1, 4, 4, 2]], attrs: { size: [2, 3], strides: [1, 2], padding: [1, 0, 1, 2] } },
  ],
});
