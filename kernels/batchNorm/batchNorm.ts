import { mul } from "../mul/mul.ts";
import {
  defineOp,
  elements,
  f32,
  i32,
  Node,
  type Op,
  ptr,
  requires,
  showShape,
  Tensor,
  type TensorType,
} from "../op.ts";
import { sum } from "../sum/sum.ts";

type Attrs = { epsilon: number };

/** Throws unless every tensor after x has one value a channel. */
export function requireChannels(op: string, [x, ...rest]: readonly TensorType[]): number {
  const channels = x!.shape.at(-1)!;
  for (const t of rest)
    requires(
      t.shape.length === 1 && t.shape[0] === channels,
      () => `${op}: parameters are ${showShape(t.shape)}, expected [${channels}] to match ${showShape(x!.shape)}`,
    );
  return channels;
}

const filled = (channels: number, value: number): Tensor =>
  new Tensor(
    new Node({
      op: "const",
      types: [{ dtype: "f32", shape: [channels] }],
      data: new Float32Array(channels).fill(value),
    }),
  );

/**
 * Batch normalization with given statistics (Ioffe and Szegedy 2015), as at inference:
 * `out[..., c] = (x[..., c] - mean[c]) * gamma[c] / sqrt(variance[c] + epsilon) + beta[c]`.
 * x: [..., c]; the others: [c]. f32; a convolution before it takes it in before quantization.
 */
export const batchNorm: Op<[x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor], Attrs> = defineOp<
  [x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor],
  Attrs
>({
  name: "batchNorm",
  attrs: { epsilon: 1e-3 },
  infer: (inputs) => {
    requireChannels("batchNorm", inputs);
    return [{ dtype: inputs[0]!.dtype, shape: inputs[0]!.shape }];
  },
  reference: ([x, gamma, beta, mean, variance], { epsilon }) => {
    const channels = gamma!.data.length;
    return [
      x!.data.map((v, i) => {
        const c = i % channels;
        return ((v - mean!.data[c]!) * gamma!.data[c]!) / Math.sqrt(variance!.data[c]! + epsilon) + beta!.data[c]!;
      }),
    ];
  },
  // Statistics are buffers: no gradient flows into them.
  gradient: ({ inputs: [x, gamma, beta, mean, variance], outGrads: [dy], attrs }) => {
    const [zeros, ones] = [filled(beta!.shape[0]!, 0), filled(beta!.shape[0]!, 1)];
    const axes = x!.shape.slice(1).map((_, i) => i);
    return [
      batchNorm(dy!, gamma!, zeros, zeros, variance!, attrs),
      sum(mul(dy!, batchNorm(x!, ones, zeros, mean!, variance!, attrs)), { axes }),
      sum(dy!, { axes }),
      undefined,
      undefined,
    ];
  },
  quantize: { unsupported: "batchNorm folds into a convolution or dense layer right before it, and there is none" },
  macs: ([x]) => elements(x!.shape),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [x], attrs }) => {
    const channels = x!.shape.at(-1)!;
    return {
      kernel: "batchNorm_f32",
      args: [...[0, 1, 2, 3, 4].map(ptr.input), ptr.output(0), i32(channels), f32(attrs.epsilon)],
      alias: [[0, 0]],
      parallel: elements(x!.shape) / channels,
    };
  },
  samples: [
    { inputs: [[1, 1], [1], [1], [1], [1]], range: [0.25, 1] },
    { inputs: [[2, 3, 5, 17], [17], [17], [17], [17]], range: [0.25, 2] },
    { inputs: [[3, 131], [131], [131], [131], [131]], attrs: { epsilon: 0.01 }, range: [0.5, 3] },
  ],
});
