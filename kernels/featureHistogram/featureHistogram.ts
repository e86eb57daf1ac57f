import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor, type TensorType } from "../op.ts";

type Attrs = { edges: readonly number[] };

/** Time steps and channels of a monitored tensor: the last axis is the channel, all between it and the batch is time. */
export const stepsAndChannels = (shape: readonly number[]): readonly [steps: number, channels: number] => {
  const channels = shape.at(-1) ?? 1;
  return [elements(shape) / channels, channels];
};

/** The int8 feature codes that one sample contributes: channel codes, or channel means and then spans. */
export function featureCodes(x: ArrayLike<number>, shape: readonly number[]): Int8Array {
  const [steps, channels] = stepsAndChannels(shape);
  const out = new Int8Array(steps > 1 ? channels * 2 : channels);
  for (let c = 0; c < channels; c++) {
    const series = Array.from({ length: steps }, (_, t) => x[t * channels + c]!);
    out[c] = Math.trunc(series.reduce((a, b) => a + b, 0) / steps);
    if (steps > 1) out[channels + c] = Math.max(...series) - Math.min(...series) - 128;
  }
  return out;
}

/** bin = number of edges that the code exceeds. */
export const binOf = (code: number, edges: ArrayLike<number>): number => {
  let bin = 0;
  for (let i = 0; i < edges.length; i++) if (code > edges[i]!) bin++;
  return bin;
};

/**
 * Monitor: counts each input feature of one inference into its bin.
 * x: i8 [1, ..., channels]; counts: i32 [features, bins], read as u32; attrs.edges: [features * (bins - 1)] codes.
 */
export const featureHistogram: Op<[x: Tensor, counts: Tensor], Attrs> = defineOp<[x: Tensor, counts: Tensor], Attrs>({
  name: "featureHistogram",
  attrs: { edges: [] },
  infer: ([x, counts], { edges }) => {
    const [steps, channels] = stepsAndChannels(x!.shape);
    const features = steps > 1 ? channels * 2 : channels;
    const [rows, bins] = counts!.shape;
    requires(
      counts!.shape.length === 2 && rows === features,
      () => `featureHistogram: counts are ${showShape(counts!.shape)}, expected [${features}, bins]`,
    );
    requires(
      edges.length === features * (bins! - 1),
      () => `featureHistogram: ${edges.length} edges, expected ${features * (bins! - 1)}`,
    );
    return [plain(counts!)];
  },
  reference: ([x, counts], { edges }) => {
    const bins = counts!.shape[1]!;
    const out = counts!.data.slice();
    featureCodes(x!.data, x!.shape).forEach((code, f) => {
      out[f * bins + binOf(code, edges.slice(f * (bins - 1), (f + 1) * (bins - 1)))]!++;
    });
    return [out];
  },
  quantize: { unsupported: "monitors are added after quantization" },
  kernels: { wasm: ["i8"], cpu: [] },
  lower: ({ inputs: [x, counts], attrs }) => {
    const [steps, channels] = stepsAndChannels(x!.shape);
    return {
      kernel: "featureHistogram_i8",
      args: [ptr.input(0), ptr.output(0), ptr.const(0), i32(steps), i32(channels), i32(counts!.shape[1]!)],
      consts: [{ name: "edges", data: Int8Array.from(attrs.edges) }],
      alias: [[0, 1]],
    };
  },
  samples: [
    {
      inputs: [
        [1, 3],
        [3, 4],
      ],
      attrs: { edges: [-10, 0, 10, -5, 0, 5, 1, 2, 3] },
      dtypes: ["i8", "i32"],
      range: [-128, 127],
    },
    {
      inputs: [
        [1, 7, 2],
        [4, 2],
      ],
      attrs: { edges: [0, 1, -100, 50] },
      dtypes: ["i8", "i32"],
      range: [-128, 127],
    },
  ],
});

const plain = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape });
