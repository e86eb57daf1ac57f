import { inferKeyed, type Key, keyedSamples, lowerKeyed, referenceKeyed } from "../loops/keyed.ts";
import { defineOp, f32, i32, type Op, requires, type Tensor } from "../op.ts";

type Attrs = Key & { rate: number };

/** A word's upper 24 bits at or above this keep the element. */
const threshold = (rate: number): number => Math.ceil(rate * 2 ** 24);

/**
 * Dropout (Srivastava et al. 2014), inverted: each element is zero with probability `rate`, else divided by 1 - rate.
 * Keyed (kernels/loops/keyed.ts): the gradient repeats the same draw.
 */
export const dropout: Op<[x: Tensor, sampleIds?: Tensor, step?: Tensor], Attrs> = defineOp({
  name: "dropout",
  attrs: { rate: 0.5, seed: 0, stream: 0 },
  infer: (inputs, { rate }) => {
    requires(rate >= 0 && rate < 1, () => `dropout: rate ${rate}, expected one in [0, 1)`);
    return inferKeyed("dropout", inputs);
  },
  reference: (inputs, attrs) =>
    referenceKeyed(inputs, attrs, (x, word) =>
      x.map((v, e) => (word(e) >>> 8 >= threshold(attrs.rate) ? v / (1 - attrs.rate) : 0)),
    ),
  gradient: ({ inputs: [, ids, step], outGrads: [dy], attrs }) =>
    ids ? [dropout(dy!, ids, step, attrs), undefined, undefined] : [dy],
  quantize: { unsupported: "dropout belongs to training; take the inference form" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => lowerKeyed("dropout", call, [i32(threshold(call.attrs.rate)), f32(1 / (1 - call.attrs.rate))]),
  trainingOnly: true,
  samples: keyedSamples<Attrs>(
    [
      [1, 1],
      [3, 7],
      [2, 5, 13],
    ],
    { rate: 0.3 },
  ),
});
