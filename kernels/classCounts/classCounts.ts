import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

/** Monitor: counts the predicted class, the first of equals. x: i8 [1, classes]; counts: i32 [classes], read as u32. */
export const classCounts: Op<[x: Tensor, counts: Tensor]> = defineOp<[x: Tensor, counts: Tensor]>({
  name: "classCounts",
  attrs: {},
  infer: ([x, counts]) => {
    requires(
      elements(counts!.shape) === elements(x!.shape),
      () => `classCounts: counts are ${showShape(counts!.shape)}, expected [${elements(x!.shape)}]`,
    );
    return [{ dtype: counts!.dtype, shape: counts!.shape }];
  },
  reference: ([x, counts]) => {
    const out = counts!.data.slice();
    out[x!.data.indexOf(Math.max(...x!.data))]!++;
    return [out];
  },
  quantize: { unsupported: "monitors are added after quantization" },
  kernels: { wasm: ["i8"], cpu: [] },
  lower: ({ inputs: [x] }) => ({
    kernel: "classCounts_i8",
    args: [ptr.input(0), ptr.output(0), i32(elements(x!.shape))],
    alias: [[0, 1]],
  }),
  samples: [
    { inputs: [[1, 5], [5]], dtypes: ["i8", "i32"], range: [-128, 127] },
    { inputs: [[1, 1], [1]], dtypes: ["i8", "i32"], range: [-128, 127] },
  ],
});
