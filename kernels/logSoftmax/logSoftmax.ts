import { exp } from "../exp/exp.ts";
import { mul } from "../mul/mul.ts";
import { differenceScaling } from "../numerics/difference-scaling.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, elements, i32, type LowerCall, type Lowered, type Op, ptr, requires, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";
import { sub } from "../sub/sub.ts";
import { sum } from "../sum/sum.ts";

/** Logarithm of the softmax over the last axis. An int8 output has scale 1/16 and zero point 127. */
export const logSoftmax: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "logSoftmax",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x], _attrs, [out]) => {
    const classes = out!.shape.at(-1) ?? 1;
    const y = new Float64Array(x!.data.length);
    for (let row = 0; row < y.length; row += classes) {
      const values = x!.data.subarray(row, row + classes);
      const max = Math.max(...values);
      const log = Math.log(values.reduce((total, v) => total + Math.exp(v - max), 0));
      y.set(
        values.map((v) => v - max - log),
        row,
      );
    }
    return [y];
  },
  // dx = dy - softmax(x) sum_c dy
  gradient: ({ outputs: [y], outGrads: [dy] }) => [sub(dy!, mul(exp(y!), sum(dy!, { axes: [-1], keepDims: true })))],
  quantize: { output: { scale: 1 / 16, zeroPoint: 127 } },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower,
  samples: [
    { inputs: [[1, 1]] },
    { inputs: [[3, 5]], range: [-4, 4] },
    { inputs: [[2, 2, 17]], range: [-6, 6] },
    { inputs: [[1, 130]] },
  ],
});

/** Arguments `src, dst, rows, classes`, then int8's `m, shift, least, divisor, divisorShift`. */
function lower({ inputs: [x] }: LowerCall<Record<never, never>>): Lowered {
  const { dtype, shape } = x!;
  requires(dtype === "f32" || dtype === "i8", () => `logSoftmax: ${dtype} values, expected f32 or i8`);
  const classes = shape.at(-1) ?? 1;
  const args = [ptr.input(0), ptr.output(0), i32(elements(shape) / classes), i32(classes)];
  if (dtype === "f32") return { kernel: "logSoftmax_f32", args, alias: [[0, 0]] };
  const { m, shift, radius } = differenceScaling(1, quantOf(x!).scale[0]!);
  const back = quantizeMultiplier(2 ** (31 - shift) / m);
  return {
    kernel: "logSoftmax_i8",
    args: [...args, ...[m, shift, -radius, back.m, back.shift].map(i32)],
    alias: [[0, 0]],
  };
}
