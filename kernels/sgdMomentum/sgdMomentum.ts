import { defineMultiOp, elements, f32, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

type Attrs = { momentum: number; weightDecay: number; nesterov: boolean };
type Outputs = readonly [param: Tensor, velocity: Tensor];

/**
 * Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form): g = grad + weightDecay param,
 * velocity' = momentum velocity + g, param' = param - rate velocity', or with nesterov
 * param' = param - rate (g + momentum velocity'). rate: f32 [1].
 */
export const sgdMomentum: Op<[param: Tensor, grad: Tensor, velocity: Tensor, rate: Tensor], Attrs, Outputs> =
  defineMultiOp({
    name: "sgdMomentum",
    attrs: { momentum: 0.9, weightDecay: 0, nesterov: false } as Attrs,
    infer: ([param, grad, velocity, rate]) => {
      for (const t of [grad!, velocity!])
        requires(
          elements(t.shape) === elements(param!.shape),
          () => `sgdMomentum: operand is ${showShape(t.shape)}, expected ${showShape(param!.shape)}`,
        );
      requires(elements(rate!.shape) === 1, () => `sgdMomentum: rate is ${showShape(rate!.shape)}, expected [1]`);
      return [param!, param!].map(({ dtype, shape }) => ({ dtype, shape }));
    },
    reference: ([param, grad, velocity, rate], { momentum, weightDecay, nesterov }) => {
      const g = grad!.data.map((v, i) => v + weightDecay * param!.data[i]!);
      const v1 = velocity!.data.map((v, i) => momentum * v + g[i]!);
      return [param!.data.map((p, i) => p - rate!.data[0]! * (nesterov ? g[i]! + momentum * v1[i]! : v1[i]!)), v1];
    },
    quantize: { unsupported: "sgdMomentum is an optimizer step" },
    macs: () => 0,
    kernels: { wasm: ["f32"], cpu: ["f32"] },
    lower: ({ inputs: [param], attrs }) => ({
      kernel: "sgdMomentum_f32",
      args: [
        ...[0, 1, 2, 3].map(ptr.input),
        ...[0, 1].map(ptr.output),
        f32(attrs.momentum),
        f32(attrs.weightDecay),
        i32(attrs.nesterov ? 1 : 0),
      ],
      alias: [
        [0, 0],
        [1, 2],
      ],
      parallel: elements(param!.shape),
    }),
    trainingOnly: true,
    samples: [1, 7, 131].flatMap((n) =>
      [false, true].map((nesterov) => ({ inputs: [[n], [n], [n], [1]], attrs: { weightDecay: 0.01, nesterov } })),
    ),
  });
