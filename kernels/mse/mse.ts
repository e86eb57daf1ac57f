import { scalar } from "../constant.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";
import { reshape } from "../reshape/reshape.ts";
import { sub } from "../sub/sub.ts";

/**
 * Mean squared error, one a sample, times its weight where weights are given:
 * `loss[n] = weight[n] * mean over the rest of (x - target)^2`. x and target f32 [N, ...], weights f32 [N] → f32 [N].
 */
export const mse: Op<[x: Tensor, target: Tensor, weights?: Tensor], Record<never, never>> = defineOp({
  name: "mse",
  attrs: {},
  infer: ([x, target, weights]) => {
    const [n] = x!.shape;
    requires(
      n !== undefined && showShape(x!.shape) === showShape(target!.shape),
      () =>
        `mse: operands are ${showShape(x!.shape)} and ${showShape(target!.shape)}, expected equal shapes [samples, ...]`,
    );
    requires(
      !weights || showShape(weights.shape) === showShape([n]),
      () => `mse: weights are ${showShape(weights!.shape)}, expected [${n}]`,
    );
    return [{ dtype: "f32", shape: [n] }];
  },
  reference: ([x, target, weights], _attrs, [out]) => {
    const size = x!.data.length / out!.shape[0]!;
    const y = new Float64Array(out!.shape[0]!);
    x!.data.forEach((v, i) => {
      y[Math.floor(i / size)]! += (v - target!.data[i]!) ** 2 / size;
    });
    return [weights ? y.map((v, n) => v * weights.data[n]!) : y];
  },
  gradient: ({ inputs: [x, target, weights], outGrads: [dy] }) => {
    const [n, size] = [x!.shape[0]!, elements(x!.shape) / x!.shape[0]!];
    const scale = mul(weights ? mul(dy!, weights) : dy!, scalar(2 / size));
    const dx = mul(sub(x!, target!), reshape(scale, { shape: [n, ...x!.shape.slice(1).map(() => 1)] }));
    return [dx, mul(dx, scalar(-1)), ...(weights ? [undefined] : [])];
  },
  quantize: { unsupported: "mse is a loss" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [x, , weights] }) => ({
    kernel: "mse_f32",
    args: [
      ptr.input(0),
      ptr.input(1),
      weights ? ptr.input(2) : i32(0),
      ptr.output(0),
      i32(elements(x!.shape) / x!.shape[0]!),
    ],
    parallel: x!.shape[0]!,
  }),
  trainingOnly: true,
  samples: [
    {
      inputs: [
        [1, 1],
        [1, 1],
      ],
    },
    {
      inputs: [
        [3, 7],
        [3, 7],
      ],
    },
    { inputs: [[2, 5, 13], [2, 5, 13], [2]] },
  ],
});
