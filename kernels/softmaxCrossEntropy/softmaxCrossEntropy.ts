import {
  defineOp,
  f32,
  i32,
  type Op,
  ptr,
  type RefTensor,
  requires,
  type Sample,
  showShape,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { softmaxCrossEntropyGradient } from "../softmaxCrossEntropyGradient/softmaxCrossEntropyGradient.ts";

type Attrs = { smoothing: number };

/**
 * Cross-entropy of softmax(logits) against labels, one loss a sample, times its weight where weights are given:
 * `loss[n] = weight[n] * (log sum_c exp(x[n, c]) - sum_c target[n, c] x[n, c])`, where the target is 1 - smoothing at
 * the label plus smoothing / C everywhere. logits f32 [N, C], labels i32 [N], weights f32 [N].
 * Labels and weights get no gradient. A label outside [0, C) counts as no class: only the smoothed part is subtracted.
 */
export const softmaxCrossEntropy: Op<[logits: Tensor, labels: Tensor, weights?: Tensor], Attrs> = defineOp({
  name: "softmaxCrossEntropy",
  attrs: { smoothing: 0 },
  infer: (inputs) => {
    checkClassifier("softmaxCrossEntropy", inputs);
    return [{ dtype: "f32", shape: [inputs[0]!.shape[0]!] }];
  },
  reference: ([x, labels, weights], { smoothing }, [out]) => [
    Float64Array.from({ length: out!.shape[0]! }, (_, n) => {
      const row = rowOf(x!, n);
      const max = Math.max(...row);
      const lse = max + Math.log(row.reduce((s, v) => s + Math.exp(v - max), 0));
      const target = row.reduce((s, v, c) => s + v * targetOf(c, labels!.data[n]!, row.length, smoothing), 0);
      return (weights?.data[n] ?? 1) * (lse - target);
    }),
  ],
  gradient: ({ inputs: [x, labels, weights], outGrads: [dy], attrs }) => [
    weights
      ? softmaxCrossEntropyGradient(x!, labels!, dy!, weights, attrs)
      : softmaxCrossEntropyGradient(x!, labels!, dy!, undefined, attrs),
    undefined,
    ...(weights ? [undefined] : []),
  ],
  quantize: { unsupported: "softmaxCrossEntropy is a loss" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [x, , weights], attrs: { smoothing } }) => ({
    kernel: "softmaxCrossEntropy_f32",
    args: [
      ptr.input(0),
      ptr.input(1),
      weights ? ptr.input(2) : i32(0),
      ptr.output(0),
      i32(x!.shape[1]!),
      f32(smoothing),
    ],
    parallel: x!.shape[0]!,
  }),
  trainingOnly: true,
  samples: classifierSamples(false),
});

/** logits f32 [N, C], labels i32 [N], further operands [N]. */
export function checkClassifier(op: string, [x, labels, ...more]: readonly TensorType[]): void {
  requires(x!.shape.length === 2, () => `${op}: logits are ${showShape(x!.shape)}, expected [samples, classes]`);
  requires(labels!.dtype === "i32", () => `${op}: labels are ${labels!.dtype}, expected i32`);
  for (const t of [labels!, ...more])
    requires(
      t.shape.length === 1 && t.shape[0] === x!.shape[0],
      () => `${op}: operand is ${showShape(t.shape)}, expected [${x!.shape[0]}] to match ${showShape(x!.shape)}`,
    );
}

export const rowOf = (x: RefTensor, n: number): Float64Array => x.data.subarray(n * x.shape[1]!, (n + 1) * x.shape[1]!);

export const targetOf = (c: number, label: number, classes: number, smoothing: number): number =>
  smoothing / classes + (c === label ? 1 - smoothing : 0);

export function classifierSamples(withGrad: boolean): readonly Sample<Attrs>[] {
  const sizes: readonly (readonly [number, number])[] = [
    [1, 1],
    [3, 5],
    [2, 130],
  ];
  return sizes.flatMap(([n, classes]) =>
    [0, 0.1].flatMap((smoothing) =>
      [false, true].map((weighted) => ({
        inputs: [[n, classes], [n], ...(withGrad ? [[n]] : []), ...(weighted ? [[n]] : [])],
        dtypes: ["f32", "i32", ...(withGrad ? ["f32" as const] : []), ...(weighted ? ["f32" as const] : [])] as const,
        values: [
          Array.from({ length: n * classes }, (_, i) => Math.fround(((i * 37) % 101) / 12 - 4)),
          Array.from({ length: n }, (_, i) => (i === 2 ? -1 : (i * 7 + 1) % classes)),
          ...(withGrad ? [Array.from({ length: n }, (_, i) => 0.5 + i)] : []),
          ...(weighted ? [Array.from({ length: n }, (_, i) => 1.5 - i / 2)] : []),
        ],
        attrs: { smoothing },
      })),
    ),
  );
}
