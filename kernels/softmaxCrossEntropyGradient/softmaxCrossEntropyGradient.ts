import { defineOp, f32, i32, type Op, ptr, type Tensor } from "../op.ts";
import { checkClassifier, classifierSamples, rowOf, targetOf } from "../softmaxCrossEntropy/softmaxCrossEntropy.ts";

type Attrs = { smoothing: number };

/**
 * Gradient of softmaxCrossEntropy by its logits:
 * `dx[n, c] = outGrad[n] * weight[n] * (softmax(x[n])[c] - target[n, c])`. outGrad f32 [N], the rest as there.
 */
export const softmaxCrossEntropyGradient: Op<
  [logits: Tensor, labels: Tensor, outGrad: Tensor, weights?: Tensor],
  Attrs
> = defineOp({
  name: "softmaxCrossEntropyGradient",
  attrs: { smoothing: 0 },
  infer: (inputs) => {
    checkClassifier("softmaxCrossEntropyGradient", inputs);
    return [{ dtype: "f32", shape: inputs[0]!.shape }];
  },
  reference: ([x, labels, outGrad, weights], { smoothing }, [out]) => {
    const [samples, classes] = [out!.shape[0]!, out!.shape[1]!];
    const dx = new Float64Array(samples * classes);
    for (let n = 0; n < samples; n++) {
      const row = rowOf(x!, n);
      const max = Math.max(...row);
      const total = row.reduce((s, v) => s + Math.exp(v - max), 0);
      const scale = outGrad!.data[n]! * (weights?.data[n] ?? 1);
      for (let c = 0; c < classes; c++)
        dx[n * classes + c] =
          scale * (Math.exp(row[c]! - max) / total - targetOf(c, labels!.data[n]!, classes, smoothing));
    }
    return [dx];
  },
  quantize: { unsupported: "softmaxCrossEntropyGradient is part of a training step" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [x, , , weights], attrs: { smoothing } }) => ({
    kernel: "softmaxCrossEntropyGradient_f32",
    args: [
      ptr.input(0),
      ptr.input(1),
      ptr.input(2),
      weights ? ptr.input(3) : i32(0),
      ptr.output(0),
      i32(x!.shape[1]!),
      f32(smoothing),
    ],
    alias: [[0, 0]],
    parallel: x!.shape[0]!,
  }),
  trainingOnly: true,
  samples: classifierSamples(true),
});
