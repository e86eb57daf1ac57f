import { defineOp, i32, type Op, ptr, type Tensor } from "../op.ts";
import { checkClassifier, classifierSamples, rowOf } from "../softmaxCrossEntropy/softmaxCrossEntropy.ts";

/** 1 where the first largest logit of a sample is its label, else 0. logits f32 [N, C], labels i32 [N] → f32 [N]. */
export const accuracy: Op<[logits: Tensor, labels: Tensor], Record<never, never>> = defineOp({
  name: "accuracy",
  attrs: {},
  infer: (inputs) => {
    checkClassifier("accuracy", inputs);
    return [{ dtype: "f32", shape: [inputs[0]!.shape[0]!] }];
  },
  reference: ([x, labels], _attrs, [out]) => [
    Float64Array.from({ length: out!.shape[0]! }, (_, n) => {
      const row = rowOf(x!, n);
      return row.indexOf(Math.max(...row)) === labels!.data[n] ? 1 : 0;
    }),
  ],
  quantize: { unsupported: "accuracy is a metric" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [x] }) => ({
    kernel: "accuracy_f32",
    args: [ptr.input(0), ptr.input(1), ptr.output(0), i32(x!.shape[1]!)],
    parallel: x!.shape[0]!,
  }),
  trainingOnly: true,
  samples: classifierSamples(false)
    .filter((s) => s.inputs.length === 2 && s.attrs?.smoothing === 0)
    .map(({ attrs: _, ...s }) => s),
});
