import { scalar } from "../constant.ts";
import { mul } from "../mul/mul.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { defineOp, elements, f32, i32, type LowerCall, type Lowered, type Op, ptr, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";
import { sub } from "../sub/sub.ts";
import { sum } from "../sum/sum.ts";

type Attrs = { beta: number };

/** Softmax over the last axis: `exp(beta x[c]) / sum_c exp(beta x[c])`. int8 output has scale 1/256, zero point -128. */
export const softmax: Op<[x: Tensor], Attrs> = defineOp({
  name: "softmax",
  attrs: { beta: 1 },
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x], { beta }, [out]) => {
    const classes = out!.shape.at(-1) ?? 1;
    const y = new Float64Array(x!.data.length);
    for (let row = 0; row < y.length; row += classes) {
      const values = x!.data.subarray(row, row + classes);
      const max = Math.max(...values);
      const powers = values.map((v) => Math.exp(beta * (v - max)));
      const total = powers.reduce((a, b) => a + b, 0);
      y.set(
        powers.map((p) => p / total),
        row,
      );
    }
    return [y];
  },
  // dx = beta y (dy - sum_c dy y)
  gradient: ({ outputs: [y], outGrads: [dy], attrs: { beta } }) => {
    const inner = sub(dy!, sum(mul(dy!, y!), { axes: [-1], keepDims: true }));
    const dx = mul(y!, inner);
    return [beta === 1 ? dx : mul(dx, scalar(beta))];
  },
  quantize: { output: { scale: 1 / 256, zeroPoint: -128 } },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) => (call.inputs[0]!.dtype === "i8" ? lowerI8(call) : lowerF32(call)),
  samples: [
    { inputs: [[1, 1]] },
    { inputs: [[3, 5]], range: [-4, 4] },
    { inputs: [[2, 2, 17]], attrs: { beta: 0.5 }, range: [-20, 20] },
    { inputs: [[1, 130]] },
  ],
});

function lowerF32({ inputs: [x], attrs }: LowerCall<Attrs>): Lowered {
  const classes = x!.shape.at(-1) ?? 1;
  return {
    kernel: "softmax_f32",
    args: [ptr.input(0), ptr.output(0), i32(classes), f32(attrs.beta)],
    alias: [[0, 0]],
    parallel: elements(x!.shape) / classes,
  };
}

/** Integer bits of the scaled difference to the maximum (TFLite kScaledDiffIntegerBits): Q5.26. */
const INTEGER_BITS = 5;

function lowerI8({ inputs: [x], attrs }: LowerCall<Attrs>): Lowered {
  const classes = x!.shape.at(-1) ?? 1;
  const real = Math.min(Math.fround(attrs.beta) * quantOf(x!).scale[0]! * 2 ** (31 - INTEGER_BITS), 2 ** 31 - 1);
  const { m, shift } = quantizeMultiplier(real);
  // Differences below this exceed Q5.26 and count as e^-32 = 0 (TFLite CalculateInputRadius).
  const radius = Math.floor(((2 ** INTEGER_BITS - 1) * 2 ** (31 - INTEGER_BITS)) / 2 ** shift);
  return {
    kernel: "softmax_i8",
    args: [
      ptr.input(0),
      ptr.output(0),
      ptr.scratch(),
      i32(elements(x!.shape) / classes),
      i32(classes),
      i32(m),
      i32(shift),
      i32(-radius),
    ],
    scratchBytes: classes * 4,
    alias: [[0, 0]],
  };
}
