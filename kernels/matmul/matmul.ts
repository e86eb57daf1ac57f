import { defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

type Attrs = { transposeA: boolean; transposeB: boolean };

/** Leading dimensions are rows: [..., c] is seen as [rows, c]. */
const asMatrix = (shape: readonly number[]): readonly [rows: number, columns: number] => {
  const columns = shape.at(-1) ?? 1;
  return [elements(shape) / columns, columns];
};

/** m, k, n of op(a) [m, k] times op(b) [k, n]. */
function dimensions(
  a: readonly number[],
  b: readonly number[],
  { transposeA, transposeB }: Attrs,
): readonly [number, number, number] {
  const [ar, ac] = asMatrix(a);
  const [br, bc] = asMatrix(b);
  const [m, k] = transposeA ? [ac, ar] : [ar, ac];
  const [kb, n] = transposeB ? [bc, br] : [br, bc];
  requires(
    k === kb,
    () => `matmul: ${showShape(a)} times ${showShape(b)} has inner sizes ${k} and ${kb}, expected equal ones`,
  );
  return [m, k, n];
}

/** Matrix product `out = op(a) op(b)`; f32. Without transposeA the leading dimensions of a are kept. */
export const matmul: Op<[a: Tensor, b: Tensor], Attrs> = defineOp<[a: Tensor, b: Tensor], Attrs>({
  name: "matmul",
  attrs: { transposeA: false, transposeB: false },
  infer: ([a, b], attrs) => {
    const [m, , n] = dimensions(a!.shape, b!.shape, attrs);
    return [{ dtype: a!.dtype, shape: attrs.transposeA ? [m, n] : [...a!.shape.slice(0, -1), n] }];
  },
  reference: ([a, b], attrs) => {
    const [m, k, n] = dimensions(a!.shape, b!.shape, attrs);
    const y = new Float64Array(m * n);
    for (let row = 0; row < m; row++)
      for (let c = 0; c < n; c++) {
        let acc = 0;
        for (let i = 0; i < k; i++)
          acc +=
            a!.data[attrs.transposeA ? i * m + row : row * k + i]! * b!.data[attrs.transposeB ? c * k + i : i * n + c]!;
        y[row * n + c] = acc;
      }
    return [y];
  },
  gradient: ({ inputs: [a, b], outGrads: [dy], attrs: { transposeA, transposeB } }) => [
    transposeA
      ? matmul(b!, dy!, { transposeA: transposeB, transposeB: true })
      : matmul(dy!, b!, { transposeB: !transposeB }),
    transposeB
      ? matmul(dy!, a!, { transposeA: true, transposeB: transposeA })
      : matmul(a!, dy!, { transposeA: !transposeA }),
  ],
  quantize: { unsupported: "a product of two computed tensors has no int8 form in this version" },
  macs: ([a, b], _out, attrs) => dimensions(a!.shape, b!.shape, attrs).reduce((p, d) => p * d, 1),
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: ({ inputs: [a, b], attrs }) => {
    const [m, k, n] = dimensions(a!.shape, b!.shape, attrs);
    const [aRow, aStep] = attrs.transposeA ? [1, m] : [k, 1];
    const [bStep, bColumn] = attrs.transposeB ? [1, k] : [n, 1];
    return {
      kernel: "matmul_f32",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        i32(k),
        i32(n),
        i32(aRow),
        i32(aStep),
        i32(bStep),
        i32(bColumn),
      ],
      parallel: m,
    };
  },
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
        [5, 7],
      ],
    },
    {
      inputs: [
        [13, 3],
        [13, 7],
      ],
      attrs: { transposeA: true },
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
        [17, 3],
        [9, 17],
      ],
      attrs: { transposeA: true, transposeB: true },
    },
  ],
});
