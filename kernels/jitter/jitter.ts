import { inferKeyed, type Key, keyedSamples, lowerKeyed, referenceKeyed } from "../loops/keyed.ts";
import { gaussians } from "../numerics/distributions.ts";
import { defineOp, f32, type Op, type Tensor } from "../op.ts";

type Attrs = Key & { deviation: number };

/**
 * Augmentation: adds independent normal noise of standard `deviation`, in units of x, to each element. Keyed
 * (kernels/loops/keyed.ts); Box-Muller over the word pairs (0, 1) and (2, 3), so |noise| stays below 5.8 deviations.
 */
export const jitter: Op<[x: Tensor, sampleIds?: Tensor, step?: Tensor], Attrs> = defineOp({
  name: "jitter",
  attrs: { deviation: 0, seed: 0, stream: 0 },
  infer: (inputs) => inferKeyed("jitter", inputs),
  reference: (inputs, attrs) =>
    referenceKeyed(inputs, attrs, (x, word) =>
      x.map((v, e) => v + attrs.deviation * gaussians(word(e & ~1), word((e & ~1) + 1))[e & 1]!),
    ),
  gradient: ({ inputs: [, ids], outGrads: [dy] }) => (ids ? [dy, undefined, undefined] : [dy]),
  quantize: { unsupported: "jitter belongs to training; take the inference form" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => lowerKeyed("jitter", call, [f32(call.attrs.deviation)]),
  trainingOnly: true,
  samples: keyedSamples<Attrs>(
    [
      [1, 1],
      [3, 7],
      [2, 5, 13],
    ],
    { deviation: 0.25 },
  ),
});
