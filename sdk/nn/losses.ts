/** Losses: one value, the mean over the batch. */
import { mean } from "../../kernels/mean/mean.ts";
import { mse } from "../../kernels/mse/mse.ts";
import type { Tensor } from "../../kernels/op.ts";
import { softmaxCrossEntropy } from "../../kernels/softmaxCrossEntropy/softmaxCrossEntropy.ts";

/** Softmax cross-entropy of logits f32 [N, C] and labels i32 [N]; `smoothing` spreads that much over all classes. */
export const crossEntropy = (logits: Tensor, label: Tensor, options: { smoothing?: number } = {}): Tensor =>
  mean(softmaxCrossEntropy(logits, label, undefined, { smoothing: options.smoothing ?? 0 }));

/** Mean squared error over all values; shapes are equal. */
export const meanSquaredError = (prediction: Tensor, target: Tensor): Tensor => mean(mse(prediction, target));
