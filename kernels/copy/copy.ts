import { DTYPE_BYTES, defineOp, elements, i32, type Op, ptr, type Tensor } from "../op.ts";

/** The same values in a buffer of their own, any dtype: an output that is a constant, a state or another output. */
export const copy: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "copy",
  attrs: {},
  infer: ([x]) => [x!],
  reference: ([x]) => [x!.data.slice()],
  gradient: ({ outGrads: [dy] }) => [dy],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8", "i16", "i32", "u8", "bool", "i64"], cpu: ["f32"] },
  lower: ({ inputs: [x] }) => ({
    kernel: "copy",
    args: [ptr.output(0), ptr.input(0), i32(elements(x!.shape) * DTYPE_BYTES[x!.dtype])],
    parallel: 1,
  }),
  samples: [{ inputs: [[1]] }, { inputs: [[2, 3, 5]] }, { inputs: [[17]] }],
});
