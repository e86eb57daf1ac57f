import { scalar } from "../constant.ts";
import { mul } from "../mul/mul.ts";
import { differenceScaling } from "../numerics/difference-scaling.ts";
import { tableI16 } from "../numerics/lut-i16.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import {
  defineOp,
  elements,
  f32,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  type Tensor,
} from "../op.ts";
import { quantOf } from "../pack.ts";
import { sub } from "../sub/sub.ts";
import { sum } from "../sum/sum.ts";

/** `to`: dtype of the output of an int8 input where it is another. */
type Attrs = { beta: number; to: "same" | "i16" };

/**
 * Softmax over the last axis: `exp(beta x[c]) / sum_c exp(beta x[c])`. An int8 output has scale 1/256 and zero point
 * -128, an int16 one 1/65536 and -32768 (of int8) or 1/32768 and 0 (of int16).
 */
export const softmax: Op<[x: Tensor], Attrs> = defineOp<[x: Tensor], Attrs>({
  name: "softmax",
  attrs: { beta: 1, to: "same" },
  infer: ([x], { to }) => {
    requires(to === "same" || x!.dtype === "i8", () => `softmax: ${x!.dtype} to ${to}, expected an int8 input`);
    return [{ dtype: to === "same" ? x!.dtype : to, shape: x!.shape }];
  },
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
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) => {
    const { dtype } = call.inputs[0]!;
    if (dtype === "f32") return lowerF32(call);
    return dtype === "i16" ? lowerI16(call) : lowerI8(call);
  },
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

function lowerI8({ inputs: [x], outputs: [out], attrs }: LowerCall<Attrs>): Lowered {
  const classes = x!.shape.at(-1) ?? 1;
  const { m, shift, radius } = differenceScaling(attrs.beta, quantOf(x!).scale[0]!);
  const same = out!.dtype === x!.dtype;
  return {
    kernel: same ? "softmax_i8" : "softmax_i8_i16",
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
    ...(same ? { alias: [[0, 0] as const] } : {}),
  };
}

/** Exponentials of [-10, 0] and 1 / (1 + x) of [0, 1], as softmax_common.cc has them. */
function lowerI16({ inputs: [x], attrs }: LowerCall<Attrs>): Lowered {
  const classes = x!.shape.at(-1) ?? 1;
  const f = Math.fround;
  const { m, shift } = quantizeMultiplier((quantOf(x!).scale[0]! * f(attrs.beta)) / (10 / 65535));
  const output = f(2 / 65535);
  const exponentials = tableI16({ scale: f(10 / 65535), zeroPoint: 32767 }, output, Math.exp);
  const reciprocals = tableI16({ scale: f(1 / 65535), zeroPoint: -32768 }, output, (v) => 1 / f(1 + v));
  return {
    kernel: "softmax_i16",
    args: [
      ptr.input(0),
      ptr.output(0),
      ptr.const(0),
      ptr.const(1),
      i32(elements(x!.shape) / classes),
      i32(classes),
      i32(m),
      i32(shift),
    ],
    consts: [
      { name: "exponentials", data: exponentials },
      { name: "reciprocals", data: reciprocals },
    ],
    alias: [[0, 0]],
  };
}
