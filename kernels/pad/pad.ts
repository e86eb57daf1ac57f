import { rowMajorStrides } from "../loops/strided.ts";
import { roundHalfAway } from "../numerics/requantize.ts";
import {
  defineOp,
  elements,
  f32,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  showShape,
  type Tensor,
} from "../op.ts";
import { quantOf } from "../pack.ts";
import { slice } from "../slice/slice.ts";

type Attrs = { paddings: readonly number[]; value: number };

/** `value` around x: `paddings` is before and after for each dimension in turn. The gradient is a slice. */
export const pad: Op<[x: Tensor], Attrs> = defineOp({
  name: "pad",
  attrs: { paddings: [], value: 0 } as Attrs,
  infer: ([x], { paddings }) => {
    requires(
      paddings.length === 2 * x!.shape.length && paddings.every((p) => Number.isInteger(p) && p >= 0),
      () =>
        `pad: paddings are ${showShape(paddings)}, expected two whole numbers for each dimension of ${showShape(x!.shape)}`,
    );
    return [{ dtype: x!.dtype, shape: x!.shape.map((d, i) => d + paddings[2 * i]! + paddings[2 * i + 1]!) }];
  },
  reference: ([x], { paddings, value }, [out]) => {
    const strides = rowMajorStrides(out!.shape);
    const y = new Float64Array(elements(out!.shape)).fill(value);
    x!.data.forEach((v, i) => {
      let [rest, at] = [i, 0];
      for (let d = x!.shape.length - 1; d >= 0; d--) {
        at += ((rest % x!.shape[d]!) + paddings[2 * d]!) * strides[d]!;
        rest = Math.floor(rest / x!.shape[d]!);
      }
      y[at] = v;
    });
    return [y];
  },
  gradient: ({ inputs: [x], outGrads: [dy], attrs: { paddings } }) => [
    slice(dy!, { begin: x!.shape.map((_, i) => paddings[2 * i]!), size: x!.shape }),
  ],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower,
  samples: [
    { inputs: [[1]], attrs: { paddings: [0, 1] } },
    { inputs: [[2, 3]], attrs: { paddings: [1, 0, 2, 3], value: 0.5 } },
    { inputs: [[1, 3, 5, 2]], attrs: { paddings: [0, 0, 1, 2, 2, 1, 0, 0] } },
  ],
});

/**
 * Arguments `src, dst, table, outer, inner, before, width, value`, then rows: an output row is `inner` values, of which
 * `width` from `before` on come from a source row; the table has { dim, before, source dim } for each outer dimension.
 */
function lower({ inputs: [x], outputs: [out], attrs: { paddings, value } }: LowerCall<Attrs>): Lowered {
  const rank = out!.shape.length;
  const last = rank - 1;
  const table = Int32Array.from(out!.shape.slice(0, -1).flatMap((d, i) => [d, paddings[2 * i]!, x!.shape[i]!]));
  const inner = out!.shape[last] ?? 1;
  const rows = elements(out!.shape) / inner;
  const args = [
    ptr.input(0),
    ptr.output(0),
    rank < 2 ? i32(0) : ptr.const(0),
    i32(Math.max(0, last)),
    i32(inner),
    i32(paddings[2 * last] ?? 0),
    i32(x!.shape[last] ?? 1),
  ];
  const consts = rank < 2 ? {} : { consts: [{ name: "paddings", data: table }] };
  if (x!.dtype !== "i8") return { kernel: "pad_f32", args: [...args, f32(value)], ...consts, parallel: rows };
  const { scale, zeroPoint } = quantOf(out!);
  const code = Math.min(127, Math.max(-128, roundHalfAway(Math.fround(value / scale[0]!)) + zeroPoint[0]!));
  return { kernel: "pad_i8", args: [...args, i32(code), i32(rows)], ...consts };
}
