/** Metrics: one value a batch, averaged over batches. */
import { accuracy as accuracyOp } from "../../kernels/accuracy/accuracy.ts";
import { mean } from "../../kernels/mean/mean.ts";
import type { Tensor } from "../../kernels/op.ts";

/** The fraction of samples whose largest logit is their label's. logits [N, C], label i32 [N]. */
export const accuracy = (logits: Tensor, label: Tensor): Tensor => mean(accuracyOp(logits, label));
