import { DTYPE_BYTES, defineOp, i32, type Op, ptr, requires, type Tensor } from "../op.ts";
import {
  bilinearTaps,
  inferResize,
  integerTaps,
  RESIZE,
  RESIZE_SAMPLES,
  type ResizeAttrs,
  referenceResize,
  resizeGradient,
} from "../resize/resize.ts";

/** Image [n, h, w, c] at another size, f32 or int8: each output pixel between its four neighbours. */
export const resizeBilinear: Op<[x: Tensor], ResizeAttrs> = defineOp<[x: Tensor], ResizeAttrs>({
  name: "resizeBilinear",
  attrs: RESIZE,
  infer: (inputs, attrs) => inferResize("resizeBilinear", inputs, attrs),
  reference: ([x], attrs) => [referenceResize(x!, attrs, bilinearTaps)],
  gradient: ({ inputs: [x], outGrads: [dy], attrs }) => [resizeGradient(dy!, x!, attrs, bilinearTaps)],
  quantize: { output: "carry" },
  // Four weights a value.
  macs: (_inputs, [out]) => 4 * out!.shape.reduce((n, d) => n * d, 1),
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: ({ inputs: [x], attrs }) => {
    const { dtype } = x!;
    requires(dtype === "f32" || dtype === "i8", () => `resizeBilinear: ${dtype} values, expected f32 or i8`);
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    const [oh, ow] = attrs.size as [number, number];
    const pixel = c * DTYPE_BYTES[dtype];
    const taps = dtype === "i8" ? integerTaps : bilinearTaps;
    const axes = [
      ...taps(h, oh, attrs).map((tap) => ({ tap, step: w * pixel })),
      ...taps(w, ow, attrs).map((tap) => ({ tap, step: pixel })),
    ];
    const table = new Int32Array(axes.length * 3);
    const floats = new Float32Array(table.buffer);
    axes.forEach(({ tap, step }, i) => {
      table.set([tap.lower * step, tap.upper * step, tap.fraction], i * 3);
      if (dtype === "f32") floats[i * 3 + 2] = tap.fraction;
    });
    return {
      kernel: `resizeBilinear_${dtype}`,
      args: [ptr.input(0), ptr.output(0), ptr.const(0), ...[n, oh, ow, c, h * w * pixel].map(i32)],
      consts: [{ name: "taps", data: table }],
    };
  },
  samples: RESIZE_SAMPLES,
});
