import { requireChannels } from "../batchNorm/batchNorm.ts";
import { batchNormTrainGrad } from "../batchNormTrainGrad/batchNormTrainGrad.ts";
import { defineMultiOp, elements, f32, i32, type Op, ptr, type Tensor } from "../op.ts";

type Attrs = { epsilon: number };

/**
 * Batch normalization with the statistics of the batch (Ioffe and Szegedy 2015), as in training:
 * mean[c] and variance[c] (biased: divided by the count) over all but the last axis of x [..., c], and
 * `y = (x - mean) * gamma / sqrt(variance + epsilon) + beta`. Outputs y, mean, variance. f32.
 */
export const batchNormTrain: Op<
  [x: Tensor, gamma: Tensor, beta: Tensor],
  Attrs,
  readonly [y: Tensor, mean: Tensor, variance: Tensor]
> = defineMultiOp<
  [x: Tensor, gamma: Tensor, beta: Tensor],
  readonly [y: Tensor, mean: Tensor, variance: Tensor],
  Attrs
>({
  name: "batchNormTrain",
  attrs: { epsilon: 1e-3 },
  infer: (inputs) => {
    const channels = requireChannels("batchNormTrain", inputs);
    const { dtype, shape } = inputs[0]!;
    return [
      { dtype, shape },
      { dtype, shape: [channels] },
      { dtype, shape: [channels] },
    ];
  },
  reference: ([x, gamma, beta], { epsilon }) => {
    const channels = gamma!.data.length;
    const rows = x!.data.length / channels;
    const mean = new Float64Array(channels);
    const variance = new Float64Array(channels);
    x!.data.forEach((v, i) => {
      mean[i % channels]! += v / rows;
    });
    x!.data.forEach((v, i) => {
      variance[i % channels]! += (v - mean[i % channels]!) ** 2 / rows;
    });
    const y = x!.data.map((v, i) => {
      const c = i % channels;
      return ((v - mean[c]!) * gamma!.data[c]!) / Math.sqrt(variance[c]! + epsilon) + beta!.data[c]!;
    });
    return [y, mean, variance];
  },
  // The statistics feed running averages; no gradient flows back from them.
  gradient: ({ inputs: [x, gamma], outputs: [, mean, variance], outGrads: [dy], attrs }) =>
    dy ? batchNormTrainGrad(dy, x!, gamma!, mean!, variance!, attrs) : [undefined, undefined, undefined],
  quantize: { unsupported: "batchNormTrain is the training form; take the inference form first" },
  macs: ([x]) => 3 * elements(x!.shape),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ inputs: [x], attrs }) => {
    const channels = x!.shape.at(-1)!;
    return {
      kernel: "batchNormTrain_f32",
      args: [
        ...[0, 1, 2].map(ptr.input),
        ...[0, 1, 2].map(ptr.output),
        i32(elements(x!.shape) / channels),
        i32(channels),
        f32(attrs.epsilon),
      ],
      parallel: channels,
    };
  },
  samples: [
    { inputs: [[2, 1], [1], [1]] },
    { inputs: [[2, 3, 5, 17], [17], [17]], range: [-2, 2] },
    { inputs: [[7, 131], [131], [131]], attrs: { epsilon: 0.01 } },
  ],
});
