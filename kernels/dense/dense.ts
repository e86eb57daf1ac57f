import { activate, activationBounds } from "../activation.ts";
import { activationGradient } from "../activation-gradient.ts";
import { requireOperands } from "../conv/operands.ts";
import { matmul } from "../matmul/matmul.ts";
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
  showShape,
  type Tensor,
} from "../op.ts";
import { sum } from "../sum/sum.ts";
import { lowerComputed } from "./lower-computed.ts";
import { lowerHybrid } from "./lower-hybrid.ts";
import { lowerI4 } from "./lower-i4.ts";
import { LOWER_I8 } from "./lower-i8.ts";
import { lowerI16 } from "./lower-i16.ts";

export type DenseAttrs = { readonly activation: string };

/**
 * Fully connected layer: `out[..., c] = activation(bias[c] + sum_i x[..., i] * w[c, i])`.
 * x: [..., k]; w: [n, k]; bias: [n], optional.
 *
 * f32; int8 with int8 (computed ones included) or int4 weights and i32 bias; int16 with int8 weights and an i64 bias or
 * none (64-bit sums) or an i32 bias (32-bit sums); f32 with constant int8 weights, which stay int8 in flash:
 * `scale[c] * sum x * code` in f32.
 */
export const dense: Op<[x: Tensor, w: Tensor, bias?: Tensor], DenseAttrs> = defineOp({
  name: "dense",
  attrs: { activation: "none" },
  infer: ([x, w, bias]) => {
    const k = x!.shape.at(-1);
    requires(w!.shape.length === 2, () => `dense: weights are ${showShape(w!.shape)}, expected [units, inputs]`);
    requires(
      k === w!.shape[1],
      () => `dense: weights are ${showShape(w!.shape)}, expected ${k} inputs to match ${showShape(x!.shape)}`,
    );
    requires(
      !bias || (bias.shape.length === 1 && bias.shape[0] === w!.shape[0]),
      () => `dense: bias is ${showShape(bias!.shape)}, expected [${w!.shape[0]}]`,
    );
    requireOperands("dense", x!, w!, bias);
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), w!.shape[0]!] }];
  },
  reference: ([x, w, bias], { activation }, [out]) => {
    const [n, k] = [w!.shape[0]!, w!.shape[1]!];
    const y = new Float64Array(elements(out!.shape));
    for (let i = 0; i < y.length; i++) {
      const [row, c] = [Math.floor(i / n), i % n];
      let acc = bias?.data[c] ?? 0;
      for (let j = 0; j < k; j++) acc += x!.data[row * k + j]! * w!.data[c * k + j]!;
      y[i] = activate(activation, acc);
    }
    return [y];
  },
  gradient: ({ inputs: [x, w, bias], outputs: [y], outGrads: [outGrad], attrs: { activation } }) => {
    const dy = activationGradient(activation, y!, outGrad!);
    return [
      matmul(dy, w!),
      matmul(dy, x!, { transposeA: true }),
      ...(bias ? [sum(dy, { axes: dy.shape.slice(0, -1).map((_, i) => i) })] : []),
    ];
  },
  quantize: { output: "calibrated", weights: { input: 1, axis: 0, bias: 2 } },
  macs: ([x, w]) => elements(x!.shape) * w!.shape[0]!,
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower,
  samples: [
    { inputs: [[1, 1], [1, 1], [1]] },
    { inputs: [[2, 3], [5, 3], [5]], attrs: { activation: "relu" } },
    {
      inputs: [
        [3, 17],
        [9, 17],
      ],
      note: "no bias, depth past a multiple of four",
    },
    { inputs: [[1, 130], [5, 130], [5]], attrs: { activation: "relu6" }, range: [-3, 3] },
  ],
});

function lower(call: LowerCall<DenseAttrs>): Lowered {
  const [x, w] = call.inputs;
  if (x!.dtype === "i16") return lowerI16(call);
  if (w!.dtype === "i4") return lowerI4(call);
  if (x!.dtype === "i8") return call.isConstant(1) ? LOWER_I8[call.family](call) : lowerComputed(call);
  return w!.dtype === "i8" ? lowerHybrid(call) : lowerF32(call);
}

function lowerF32({ inputs: [x, w, bias], attrs }: LowerCall<DenseAttrs>): Lowered {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "dense_f32",
    args: [ptr.input(0), ptr.input(1), bias ? ptr.input(2) : i32(0), ptr.output(0), i32(k), i32(n), f32(lo), f32(hi)],
    parallel: elements(x!.shape) / k,
  };
}
