import { quantizeMultiplier } from "../numerics/requantize.ts";
import { reduceMultiplier } from "../numerics/requantize-wide.ts";
import {
  defineOp,
  elements,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  showShape,
  showType,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { quantOf } from "../pack.ts";
import { checkSymmetric } from "../pack-i16.ts";
import { reshape } from "../reshape/reshape.ts";
import { sum } from "../sum/sum.ts";

type Attrs = { readonly transposeA: boolean; readonly transposeB: boolean };

const MAX_RANK = 5;

/** Sizes and strides of a product; batch dimensions are padded in front to three. */
interface Product {
  readonly batch: readonly [number, number, number];
  readonly aBatch: readonly number[];
  readonly bBatch: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly bColumn: number;
}

function productOf(a: readonly number[], b: readonly number[], { transposeA, transposeB }: Attrs): Product {
  const wrong = (): string =>
    `batchMatmul: ${showShape(a)}${transposeA ? " transposed" : ""} times ${showShape(b)}${transposeB ? " transposed" : ""}, expected [..., m, k] times [..., k, n], rank 2 to ${MAX_RANK}, batch dimensions equal or 1`;
  const ranks = [a.length, b.length];
  requires(
    ranks.every((r) => r >= 2 && r <= MAX_RANK),
    wrong,
  );
  const extended = (shape: readonly number[]): readonly number[] => [
    ...new Array<number>(MAX_RANK - shape.length).fill(1),
    ...shape,
  ];
  const [ea, eb] = [extended(a), extended(b)];
  const sizeOf = (d: number): number => (ea[d] === 1 ? eb[d]! : ea[d]!);
  const batch: Product["batch"] = [sizeOf(0), sizeOf(1), sizeOf(2)];
  requires(
    batch.every((size, d) => [ea[d], eb[d]].every((s) => s === size || s === 1)),
    wrong,
  );
  const [ar, ac, br, bc] = [ea[3]!, ea[4]!, eb[3]!, eb[4]!];
  const [m, k] = transposeA ? [ac, ar] : [ar, ac];
  const [kb, n] = transposeB ? [bc, br] : [br, bc];
  requires(k === kb, wrong);
  const strides = (e: readonly number[]): readonly number[] =>
    [0, 1, 2].map((d) => (e[d] === 1 ? 0 : elements(e.slice(d + 1))));
  const [aRow, aStep] = transposeA ? [1, ac] : [ac, 1];
  const [bStep, bColumn] = transposeB ? [1, bc] : [bc, 1];
  return { batch, aBatch: strides(ea), bBatch: strides(eb), m, k, n, aRow, aStep, bStep, bColumn };
}

/**
 * Products of matrices in batches: `out[..., m, n] = op(a)[..., m, k] op(b)[..., k, n]`, op transposes the last two
 * dimensions where asked. Batch dimensions broadcast; rank 2 to 5. f32; int8 with zero points on both sides; int16
 * symmetric with 64-bit sums.
 */
export const batchMatmul: Op<[a: Tensor, b: Tensor], Attrs> = defineOp<[a: Tensor, b: Tensor], Attrs>({
  name: "batchMatmul",
  attrs: { transposeA: false, transposeB: false },
  infer: ([a, b], attrs) => {
    requires(
      a!.dtype === b!.dtype && ["f32", "i8", "i16"].includes(a!.dtype),
      () => `batchMatmul: ${showType(a!)} times ${showType(b!)}, expected f32, i8 or i16 on both sides`,
    );
    const { batch, m, n } = productOf(a!.shape, b!.shape, attrs);
    const rank = Math.max(a!.shape.length, b!.shape.length);
    return [{ dtype: a!.dtype, shape: [...batch.slice(MAX_RANK - rank), m, n] }];
  },
  reference: ([a, b], attrs, [out]) => {
    const p = productOf(a!.shape, b!.shape, attrs);
    const y = new Float64Array(elements(out!.shape));
    const [, d1, d2] = p.batch;
    for (let i = 0; i < y.length; i++) {
      const [c, row, batch] = [i % p.n, Math.floor(i / p.n) % p.m, Math.floor(i / (p.n * p.m))];
      const at = [Math.floor(batch / (d1 * d2)), Math.floor(batch / d2) % d1, batch % d2];
      const from = (strides: readonly number[]): number => at.reduce((s, index, d) => s + index * strides[d]!, 0);
      const [ra, rb] = [from(p.aBatch) + row * p.aRow, from(p.bBatch) + c * p.bColumn];
      for (let j = 0; j < p.k; j++) y[i]! += a!.data[ra + j * p.aStep]! * b!.data[rb + j * p.bStep]!;
    }
    return [y];
  },
  gradient: ({ inputs: [a, b], outGrads: [dy], attrs: { transposeA, transposeB } }) => [
    reduceTo(
      transposeA
        ? batchMatmul(b!, dy!, { transposeA: transposeB, transposeB: true })
        : batchMatmul(dy!, b!, { transposeB: !transposeB }),
      a!.shape,
    ),
    reduceTo(
      transposeB
        ? batchMatmul(dy!, a!, { transposeA: true, transposeB: transposeA })
        : batchMatmul(a!, dy!, { transposeA: !transposeA }),
      b!.shape,
    ),
  ],
  quantize: { output: "calibrated" },
  macs: ([a, b], _out, attrs) => {
    const { batch, m, k, n } = productOf(a!.shape, b!.shape, attrs);
    return elements(batch) * m * k * n;
  },
  kernels: { wasm: ["f32", "i8", "i16"], cpu: ["f32"] },
  lower: (call) => LOWER[call.inputs[0]!.dtype as "f32" | "i8" | "i16"](call),
  samples: [
    {
      inputs: [
        [1, 1],
        [1, 1],
      ],
    },
    {
      inputs: [
        [2, 3, 5],
        [1, 5, 7],
      ],
      note: "b repeats",
    },
    {
      inputs: [
        [1, 4, 2, 3],
        [3, 1, 3, 5],
      ],
      note: "both repeat",
    },
    {
      inputs: [
        [2, 13, 3],
        [13, 7],
      ],
      attrs: { transposeA: true },
      note: "ranks differ",
    },
    {
      inputs: [
        [3, 17],
        [9, 17],
      ],
      attrs: { transposeB: true },
    },
    {
      inputs: [
        [2, 1, 2, 5, 3],
        [2, 3, 2, 4, 5],
      ],
      attrs: { transposeA: true, transposeB: true },
      note: "rank 5",
    },
  ],
});

/** Sums a gradient over the dimensions that broadcasting added or repeated. */
function reduceTo(grad: Tensor, shape: readonly number[]): Tensor {
  const added = grad.shape.length - shape.length;
  const axes = grad.shape.flatMap((size, d) => (d < added || (shape[d - added] === 1 && size !== 1) ? [d] : []));
  return axes.length === 0 ? grad : reshape(sum(grad, { axes }), { shape: [...shape] });
}

const sizes = (p: Product) =>
  [...p.batch, ...p.aBatch, ...p.bBatch, p.m, p.k, p.n, p.aRow, p.aStep, p.bStep, p.bColumn].map(i32);

/** `sx * sy / sz`, the product rounded to f32 first (kernel_util.cc, GetQuantizedConvolutionMultipler). */
const multiplierOf = (a: TensorType, b: TensorType, out: TensorType) =>
  quantizeMultiplier(Math.fround(quantOf(a).scale[0]! * quantOf(b).scale[0]!) / quantOf(out).scale[0]!);

const LOWER: Readonly<Record<"f32" | "i8" | "i16", (call: LowerCall<Attrs>) => Lowered>> = {
  f32: ({ inputs: [a, b], outputs: [out], attrs }) => ({
    kernel: "batchMatmul_f32",
    args: [ptr.input(0), ptr.input(1), ptr.output(0), ...sizes(productOf(a!.shape, b!.shape, attrs))],
    parallel: elements(out!.shape) / out!.shape.at(-1)!,
  }),
  i8: ({ inputs: [a, b], outputs: [out], attrs }) => {
    const { m, shift } = multiplierOf(a!, b!, out!);
    return {
      kernel: "batchMatmul_i8",
      requantize: "exact64",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        ...sizes(productOf(a!.shape, b!.shape, attrs)),
        i32(quantOf(a!).zeroPoint[0]!),
        i32(quantOf(b!).zeroPoint[0]!),
        i32(m),
        i32(shift),
        i32(quantOf(out!).zeroPoint[0]!),
      ],
    };
  },
  i16: ({ inputs: [a, b], outputs: [out], attrs }) => {
    checkSymmetric("batchMatmul", [a!, b!, out!]);
    const { m, right } = reduceMultiplier(multiplierOf(a!, b!, out!));
    return {
      kernel: "batchMatmul_i16",
      requantize: "exact64",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        ...sizes(productOf(a!.shape, b!.shape, attrs)),
        i32(m),
        i32(right),
      ],
    };
  },
};
