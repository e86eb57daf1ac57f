import { requireChannels } from "../batchNorm/batchNorm.ts";
import { defineMultiOp, elements, f32, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

type Attrs = { epsilon: number };

/**
 * Gradient of batchNormTrain's y: with n values a channel and xhat = (x - mean) / sqrt(variance + epsilon),
 * dbeta = sum dy, dgamma = sum dy * xhat, dx = gamma / sqrt(variance + epsilon) * (dy - dbeta / n - xhat * dgamma / n).
 * dy, x: [..., c]; the others: [c]. Outputs dx, dgamma, dbeta. f32.
 */
export const batchNormTrainGrad: Op<
  [dy: Tensor, x: Tensor, gamma: Tensor, mean: Tensor, variance: Tensor],
  Attrs,
  readonly [dx: Tensor, dgamma: Tensor, dbeta: Tensor]
> = defineMultiOp<
  [dy: Tensor, x: Tensor, gamma: Tensor, mean: Tensor, variance: Tensor],
  readonly [dx: Tensor, dgamma: Tensor, dbeta: Tensor],
  Attrs
>({
  name: "batchNormTrainGrad",
  attrs: { epsilon: 1e-3 },
  infer: ([dy, ...rest]) => {
    const channels = requireChannels("batchNormTrainGrad", rest);
    requires(
      showShape(dy!.shape) === showShape(rest[0]!.shape),
      () => `batchNormTrainGrad: dy is ${showShape(dy!.shape)}, expected ${showShape(rest[0]!.shape)}`,
    );
    return [
      { dtype: dy!.dtype, shape: dy!.shape },
      { dtype: dy!.dtype, shape: [channels] },
      { dtype: dy!.dtype, shape: [channels] },
    ];
  },
  reference: ([dy, x, gamma, mean, variance], { epsilon }) => {
    const channels = gamma!.data.length;
    const rows = x!.data.length / channels;
    const deviation = variance!.data.map((v) => Math.sqrt(v + epsilon));
    const xhat = x!.data.map((v, i) => (v - mean!.data[i % channels]!) / deviation[i % channels]!);
    const dgamma = new Float64Array(channels);
    const dbeta = new Float64Array(channels);
    dy!.data.forEach((v, i) => {
      dgamma[i % channels]! += v * xhat[i]!;
      dbeta[i % channels]! += v;
    });
    const dx = dy!.data.map((v, i) => {
      const c = i % channels;
      return (gamma!.data[c]! / deviation[c]!) * (v - dbeta[c]! / rows - (xhat[i]! * dgamma[c]!) / rows);
    });
    return [dx, dgamma, dbeta];
  },
  quantize: { unsupported: "gradients are f32" },
  macs: ([x]) => 4 * elements(x!.shape),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  trainingOnly: true,
  lower: ({ inputs: [x], attrs }) => {
    const channels = x!.shape.at(-1)!;
    return {
      kernel: "batchNormTrainGrad_f32",
      args: [
        ...[0, 1, 2, 3, 4].map(ptr.input),
        ...[0, 1, 2].map(ptr.output),
        i32(elements(x!.shape) / channels),
        i32(channels),
        f32(attrs.epsilon),
      ],
      alias: [[0, 0]],
      parallel: channels,
    };
  },
  samples: [
    { inputs: [[2, 1], [2, 1], [1], [1], [1]], range: [0.25, 1] },
    { inputs: [[2, 3, 5, 17], [2, 3, 5, 17], [17], [17], [17]], range: [0.25, 1] },
    { inputs: [[7, 131], [7, 131], [131], [131], [131]], attrs: { epsilon: 0.01 }, range: [0.25, 1] },
  ],
});
