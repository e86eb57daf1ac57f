import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

export const CONFIDENCE_BINS = 16;

/** Monitor: counts the top softmax probability. p: i8 [1, classes], scale 1/256, zero point -128; counts: i32 [16], read as u32. */
export const confidenceHistogram: Op<[p: Tensor, counts: Tensor]> = defineOp<[p: Tensor, counts: Tensor]>({
  name: "confidenceHistogram",
  attrs: {},
  infer: ([, counts]) => {
    requires(
      elements(counts!.shape) === CONFIDENCE_BINS,
      () => `confidenceHistogram: counts are ${showShape(counts!.shape)}, expected [${CONFIDENCE_BINS}]`,
    );
    return [{ dtype: counts!.dtype, shape: counts!.shape }];
  },
  reference: ([p, counts]) => {
    const out = counts!.data.slice();
    out[(Math.max(...p!.data) + 128) >> 4]!++;
    return [out];
  },
  quantize: { unsupported: "monitors are added after quantization" },
  kernels: { wasm: ["i8"], cpu: [] },
  lower: ({ inputs: [p] }) => ({
    kernel: "confidenceHistogram_i8",
    args: [ptr.input(0), ptr.output(0), i32(elements(p!.shape))],
    alias: [[0, 1]],
  }),
  samples: [
    { inputs: [[1, 4], [16]], dtypes: ["i8", "i32"], range: [-128, 127] },
    { inputs: [[1, 1], [16]], dtypes: ["i8", "i32"], range: [-128, 127] },
  ],
});
