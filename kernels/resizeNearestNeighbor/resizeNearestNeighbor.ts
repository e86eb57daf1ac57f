import { MOVED } from "../loops/strided.ts";
import { DTYPE_BYTES, defineOp, elements, i32, type Op, ptr, type Tensor } from "../op.ts";
import {
  inferResize,
  nearestTaps,
  RESIZE,
  RESIZE_SAMPLES,
  type ResizeAttrs,
  referenceResize,
  resizeGradient,
} from "../resize/resize.ts";

/** Image [n, h, w, c] at another size: each output pixel is a copy of the nearest one. */
export const resizeNearestNeighbor: Op<[x: Tensor], ResizeAttrs> = defineOp<[x: Tensor], ResizeAttrs>({
  name: "resizeNearestNeighbor",
  attrs: RESIZE,
  infer: (inputs, attrs) => inferResize("resizeNearestNeighbor", inputs, attrs),
  reference: ([x], attrs) => [referenceResize(x!, attrs, nearestTaps)],
  gradient: ({ inputs: [x], outGrads: [dy], attrs }) => [resizeGradient(dy!, x!, attrs, nearestTaps)],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: ["f32"] },
  lower: ({ inputs: [x], attrs }) => {
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    const [oh, ow] = attrs.size as [number, number];
    const pixel = c * DTYPE_BYTES[x!.dtype];
    const table = [
      ...nearestTaps(h, oh, attrs).map(({ lower }) => lower * w * pixel),
      ...nearestTaps(w, ow, attrs).map(({ lower }) => lower * pixel),
    ];
    return {
      kernel: "resizeNearestNeighbor_bytes",
      args: [ptr.input(0), ptr.output(0), ptr.const(0), ...[n, oh, ow, pixel, elements([h, w]) * pixel].map(i32)],
      consts: [{ name: "offsets", data: Int32Array.from(table) }],
    };
  },
  samples: RESIZE_SAMPLES,
});
