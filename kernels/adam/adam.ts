import { defineMultiOp, elements, f32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

type Attrs = { beta1: number; beta2: number; epsilon: number; weightDecay: number };
type Outputs = readonly [param: Tensor, m: Tensor, v: Tensor];

/**
 * Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter 2019):
 * m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2,
 * param' = param - rate (weightDecay param + (m' / (1 - beta1^step)) / (sqrt(v' / (1 - beta2^step)) + epsilon)).
 * rate: f32 [1]; step: i32 [1], counted from 1. The decay rates are taken as their f32 values.
 */
export const adam: Op<[param: Tensor, grad: Tensor, m: Tensor, v: Tensor, rate: Tensor, step: Tensor], Attrs, Outputs> =
  defineMultiOp({
    name: "adam",
    attrs: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    infer: ([param, grad, m, v, rate, step]) => {
      for (const t of [grad!, m!, v!])
        requires(
          elements(t.shape) === elements(param!.shape),
          () => `adam: operand is ${showShape(t.shape)}, expected ${showShape(param!.shape)}`,
        );
      requires(
        elements(rate!.shape) === 1 && elements(step!.shape) === 1 && step!.dtype === "i32",
        () =>
          `adam: rate is ${showShape(rate!.shape)}, step is ${step!.dtype} ${showShape(step!.shape)}, expected [1] and i32 [1]`,
      );
      return [param!, param!, param!].map(({ dtype, shape }) => ({ dtype, shape }));
    },
    reference: ([param, grad, m, v, rate, step], attrs) => {
      const [b1, b2] = [Math.fround(attrs.beta1), Math.fround(attrs.beta2)];
      const [c1, c2] = [1 - b1 ** step!.data[0]!, 1 - b2 ** step!.data[0]!];
      const m1 = m!.data.map((old, i) => b1 * old + (1 - b1) * grad!.data[i]!);
      const v1 = v!.data.map((old, i) => b2 * old + (1 - b2) * grad!.data[i]! ** 2);
      const p1 = param!.data.map(
        (p, i) => p - rate!.data[0]! * (attrs.weightDecay * p + m1[i]! / c1 / (Math.sqrt(v1[i]! / c2) + attrs.epsilon)),
      );
      return [p1, m1, v1];
    },
    quantize: { unsupported: "adam is an optimizer step" },
    macs: () => 0,
    kernels: { wasm: ["f32"], cpu: ["f32"] },
    lower: ({ inputs: [param], attrs }) => ({
      kernel: "adam_f32",
      args: [
        ...[0, 1, 2, 3, 4, 5].map(ptr.input),
        ...[0, 1, 2].map(ptr.output),
        f32(attrs.beta1),
        f32(attrs.beta2),
        f32(attrs.epsilon),
        f32(attrs.weightDecay),
      ],
      alias: [
        [0, 0],
        [1, 2],
        [2, 3],
      ],
      parallel: elements(param!.shape),
    }),
    trainingOnly: true,
    samples: [1, 7, 131].flatMap((n) =>
      [1, 2, 1000].map((step) => ({
        inputs: [[n], [n], [n], [n], [1], [1]],
        dtypes: ["f32", "f32", "f32", "f32", "f32", "i32"] as const,
        values: [ramp(n, 1), ramp(n, 0.3), ramp(n, -0.2), ramp(n, 0.1).map(Math.abs), [0.01], [step]],
        attrs: { weightDecay: 0.01 },
      })),
    ),
  });

/** n distinct values in [-scale, scale]. */
function ramp(n: number, scale: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => Math.fround((scale * (((i * 37) % 101) - 50)) / 50 + 0.001));
}
