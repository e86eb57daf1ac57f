import { activate, activationBounds } from "../activation.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import {
  defineMultiOp,
  elements,
  f32,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  type RefTensor,
  requires,
  showShape,
  showType,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = { readonly rank: number; readonly activation: string };

/**
 * Singular value decomposition filter, a streaming recurrent layer (Alvarez and Park, arXiv:1812.02802): each of
 * `filters` projects x by `feature`, remembers its last `memory` projections and weighs them by `time`; unit u is
 * `activation(bias[u] + sum of its rank filters)`. Returns y and the next state.
 * x: [n, k]; feature: [filters, k]; time: [filters, memory]; state: [n, filters * memory], the newest of each filter
 * last; bias: [filters / rank], optional.
 * f32; int8 with int8 feature weights, an i32 bias, and time weights and state both int16 or both int8. The int8 form
 * clamps to the range of int8 whatever the activation, as TensorFlow Lite Micro's does.
 */
export const svdf: Op<
  [x: Tensor, feature: Tensor, time: Tensor, state: Tensor, bias?: Tensor],
  Attrs,
  readonly [y: Tensor, next: Tensor]
> = defineMultiOp<
  [x: Tensor, feature: Tensor, time: Tensor, state: Tensor, bias?: Tensor],
  readonly [y: Tensor, next: Tensor],
  Attrs
>({
  name: "svdf",
  attrs: { rank: 1, activation: "none" },
  infer: ([x, feature, time, state, bias], { rank }) => {
    const [n, k] = x!.shape;
    const [filters, memory] = time!.shape;
    requires(
      x!.shape.length === 2 &&
        showShape(feature!.shape) === showShape([filters!, k!]) &&
        time!.shape.length === 2 &&
        elements(state!.shape) === n! * filters! * memory! &&
        filters! % rank === 0,
      () =>
        `svdf: x ${showShape(x!.shape)}, feature ${showShape(feature!.shape)}, time ${showShape(time!.shape)}, state ${showShape(state!.shape)}, rank ${rank}, expected [n,k], [filters,k], [filters,memory], [n,filters*memory], a divisor of filters`,
    );
    requires(
      !bias || elements(bias.shape) === filters! / rank,
      () => `svdf: bias is ${showShape(bias!.shape)}, expected [${filters! / rank}]`,
    );
    const types = [x!, feature!, time!, state!, ...(bias ? [bias] : [])].map((t) => t.dtype).join(" ");
    requires(
      /^(f32 f32 f32 f32( f32)?|i8 i8 (i16 i16|i8 i8)( i32)?)$/.test(types),
      () =>
        `svdf: ${[x!, feature!, time!, state!].map(showType).join(", ")}, expected all f32, or i8 with time weights and state both i16 or both i8`,
    );
    return [
      { dtype: x!.dtype, shape: [n!, filters! / rank] },
      { dtype: state!.dtype, shape: state!.shape },
    ];
  },
  reference: ([x, feature, time, state, bias], { rank, activation }) => {
    const [filters, memory] = time!.shape as readonly [number, number];
    const next = shifted(x!, feature!, state!, memory);
    const y = Float64Array.from({ length: (x!.shape[0]! * filters) / rank }, (_, u) => {
      let acc = bias?.data[u % (filters / rank)] ?? 0;
      for (let i = u * rank * memory; i < (u + 1) * rank * memory; i++)
        acc += time!.data[i % (filters * memory)]! * next[i]!;
      return activate(activation, acc);
    });
    return [y, next];
  },
  quantize: { unsupported: "the state needs a scale that calibration does not see; import a quantized model" },
  macs: ([x, feature, time]) => x!.shape[0]! * (elements(feature!.shape) + elements(time!.shape)),
  kernels: { wasm: ["f32", "i8"], cpu: [] },
  lower: (call) => (call.inputs[0]!.dtype === "f32" ? lowerF32(call) : lowerI8(call)),
  samples: [
    {
      inputs: [
        [1, 1],
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    },
    { inputs: [[1, 9], [6, 9], [6, 5], [1, 30], [3]], attrs: { rank: 2, activation: "relu" } },
    {
      inputs: [
        [2, 17],
        [4, 17],
        [4, 3],
        [2, 12],
      ],
      note: "batch, no bias",
    },
  ],
});

/** Each filter's memory less its oldest, with the projection of x behind it. */
function shifted(x: RefTensor, feature: RefTensor, state: RefTensor, memory: number): Float64Array {
  const [filters, k] = feature.shape as readonly [number, number];
  return Float64Array.from(state.data, (_, i) => {
    const [n, f, j] = [Math.floor(i / (filters * memory)), Math.floor(i / memory) % filters, i % memory];
    if (j + 1 < memory) return state.data[i + 1]!;
    let sum = 0;
    for (let c = 0; c < k; c++) sum += x.data[n * k + c]! * feature.data[f * k + c]!;
    return sum;
  });
}

const pointers = (hasBias: boolean) => [
  ptr.input(0),
  ptr.input(1),
  ptr.input(2),
  hasBias ? ptr.input(4) : i32(0),
  ptr.input(3),
  ptr.output(0),
  ptr.output(1),
];

const sizes = ([x, , time]: readonly TensorType[], rank: number) =>
  [x!.shape[0]!, x!.shape[1]!, time!.shape[0]!, time!.shape[1]!, rank].map(i32);

function lowerF32({ inputs, attrs }: LowerCall<Attrs>): Lowered {
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "svdf_f32",
    args: [...pointers(inputs.length > 4), ...sizes(inputs, attrs.rank), f32(lo), f32(hi)],
    alias: [[1, 3]],
  };
}

/** Effective scales as svdf_common.cc forms them: products and quotients of f32. */
function lowerI8({ inputs, outputs: [out], attrs }: LowerCall<Attrs>): Lowered {
  const [x, feature, time, state] = inputs;
  const scale = (t: TensorType): number => quantOf(t).scale[0]!;
  const effective = (a: number, b: number, to: number) => quantizeMultiplier(Math.fround(Math.fround(a * b) / to));
  const into = effective(scale(x!), scale(feature!), scale(state!));
  const from = effective(scale(state!), scale(time!), scale(out!));
  return {
    kernel: "svdf_i8",
    requantize: "exact64",
    args: [
      ...pointers(inputs.length > 4),
      ...sizes(inputs, attrs.rank),
      i32(state!.dtype === "i16" ? 1 : 0),
      ...[into.m, into.shift, from.m, from.shift].map(i32),
      ...[x!, state!, out!].map((t) => i32(quantOf(t).zeroPoint[0]!)),
    ],
    alias: [[1, 3]],
  };
}
