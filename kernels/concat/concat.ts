import { axisOf } from "../axis.ts";
import { carried, sameQuant } from "../loops/carry.ts";
import { MOVED } from "../loops/strided.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import {
  DTYPE_BYTES,
  defineOp,
  elements,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  showShape,
  type Tensor,
  type TensorType,
  type View,
} from "../op.ts";
import { quantOf } from "../pack.ts";
import { slice } from "../slice/slice.ts";

type Attrs = { axis: number };

/** Kernel signatures are fixed: this many addresses, 0 where absent. Longer lists are concatenated in turn. */
const MAX_INPUTS = 8;

/**
 * The inputs, at most 8, side by side along `axis` (negative from the end); all other dimensions agree.
 * int8 inputs at another scale than the output are requantized on the way.
 */
export const concat: Op<readonly Tensor[], Attrs> = defineOp<readonly Tensor[], Attrs>({
  name: "concat",
  attrs: { axis: -1 },
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    requires(
      inputs.length >= 1 && inputs.length <= MAX_INPUTS,
      () => `concat: ${inputs.length} inputs, expected 1 to ${MAX_INPUTS} (concatenate in turn)`,
    );
    const rank = first!.shape.length;
    requires(axis >= -rank && axis < rank, () => `concat: axis ${axis}, expected one of ${showShape(first!.shape)}`);
    const at = axisOf(rank, axis);
    for (const { shape, dtype } of inputs)
      requires(
        dtype === first!.dtype && shape.length === rank && shape.every((d, i) => i === at || d === first!.shape[i]),
        () =>
          `concat: input is ${dtype}${showShape(shape)}, expected ${first!.dtype}${showShape(first!.shape)} but for dimension ${at}`,
      );
    const total = inputs.reduce((n, { shape }) => n + shape[at]!, 0);
    const shape = first!.shape.map((d, i) => (i === at ? total : d));
    return [
      inputs.every((x) => sameQuant(x.quant, first!.quant)) ? carried(first!, shape) : { dtype: first!.dtype, shape },
    ];
  },
  reference: (inputs, { axis }, [out]) => {
    const at = axisOf(out!.shape.length, axis);
    const [outer, block] = [elements(out!.shape.slice(0, at)), elements(out!.shape.slice(at))];
    const y = new Float64Array(outer * block);
    let start = 0;
    for (const { data } of inputs) {
      const width = data.length / outer;
      for (let row = 0; row < outer; row++) y.set(data.subarray(row * width, (row + 1) * width), row * block + start);
      start += width;
    }
    return [y];
  },
  gradient: ({ inputs, outGrads: [dy], attrs: { axis } }) => {
    let start = 0;
    return inputs.map((x) => {
      const at = axisOf(x.shape.length, axis);
      const begin = x.shape.map((_, i) => (i === at ? start : 0));
      start += x.shape[at]!;
      return slice(dy!, { begin, size: x.shape });
    });
  },
  quantize: { output: "calibrated" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: ["f32"] },
  view: (inputs, [out], { axis }) => joinOf(inputs, out!, axisOf(out!.shape.length, axis)),
  lower,
  samples: [
    { inputs: [[1]] },
    {
      inputs: [
        [2, 3],
        [2, 5],
      ],
    },
    {
      inputs: [
        [1, 3, 2],
        [1, 1, 2],
        [1, 7, 2],
      ],
      attrs: { axis: 1 },
    },
    {
      inputs: [
        [1, 5],
        [2, 5],
      ],
      attrs: { axis: 0 },
    },
    { inputs: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => [3, n]) },
  ],
});

/** Inputs are contiguous in the output where nothing lies outside the axis, and keep their bytes at one scale. */
function joinOf(inputs: readonly TensorType[], out: TensorType, at: number): View | undefined {
  if (elements(out.shape.slice(0, at)) !== 1) return undefined;
  if (!inputs.every((x) => sameQuant(x.quant, out.quant))) return undefined;
  let offset = 0;
  const offsets = inputs.map(({ shape, dtype }) => {
    const start = offset;
    offset += elements(shape) * DTYPE_BYTES[dtype];
    return start;
  });
  return { kind: "join", offsets };
}

/**
 * Arguments: eight sources, `dst, table, count, block`, then the outer rows: `begin, end` (f32) or their number.
 * A source row is `width` values; the table has { width } (f32; in bytes for other copies) or
 * { width, zpIn, m, shift, zpOut } (i8 at other scales, m = 0: a copy).
 */
function lower({ inputs, outputs: [out], attrs: { axis } }: LowerCall<Attrs>): Lowered {
  const at = axisOf(out!.shape.length, axis);
  const outer = elements(out!.shape.slice(0, at));
  const block = elements(out!.shape) / outer;
  const widths = inputs.map((x) => elements(x.shape) / outer);
  const sources = Array.from({ length: MAX_INPUTS }, (_, i) => (i < inputs.length ? ptr.input(i) : i32(0)));
  const call = (table: readonly number[], size: number): Lowered => ({
    kernel: "concat_f32",
    args: [...sources, ptr.output(0), ptr.const(0), i32(inputs.length), i32(size)],
    consts: [{ name: "widths", data: Int32Array.from(table) }],
  });
  if (out!.dtype === "f32") return { ...call(widths, block), parallel: outer };
  if (inputs.every((x) => sameQuant(x.quant, out!.quant))) {
    const bytes = DTYPE_BYTES[out!.dtype];
    const copies = call(
      widths.map((w) => w * bytes),
      block * bytes,
    );
    return { ...copies, kernel: "concat_bytes", args: [...copies.args, i32(outer)] };
  }
  requires(out!.dtype === "i8", () => `concat: ${out!.dtype} inputs at several scales, expected one scale`);
  const rescaled = call(
    inputs.flatMap((x, i) => {
      const [qx, qy] = [quantOf(x), quantOf(out!)];
      if (sameQuant(qx, qy)) return [widths[i]!, 0, 0, 0, 0];
      const { m, shift } = quantizeMultiplier(qx.scale[0]! / qy.scale[0]!);
      return [widths[i]!, qx.zeroPoint[0]!, m, shift, qy.zeroPoint[0]!];
    }),
    block,
  );
  return { ...rescaled, kernel: "concat_i8", args: [...rescaled.args, i32(outer)] };
}
