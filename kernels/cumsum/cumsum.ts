import { axisOf } from "../axis.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
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
  type Tensor,
} from "../op.ts";
import { quantOf } from "../pack.ts";

type Attrs = { axis: number; exclusive: boolean; reverse: boolean };

function split(shape: readonly number[], axis: number): readonly [outer: number, count: number, inner: number] {
  const at = axisOf(shape.length, axis);
  requires(at >= 0 && at < shape.length, () => `cumsum: axis ${axis}, expected one of ${showShape(shape)}`);
  return [elements(shape.slice(0, at)), shape[at]!, elements(shape.slice(at + 1))];
}

/**
 * Running sums along `axis`: `out[k] = sum of x[0 .. k]`; `exclusive` leaves x[k] out, `reverse` runs from the end.
 * int8 begins with the zero point subtracted once more, as TensorFlow Lite does.
 */
export const cumsum: Op<[x: Tensor], Attrs> = defineOp<[x: Tensor], Attrs>({
  name: "cumsum",
  attrs: { axis: 0, exclusive: false, reverse: false },
  infer: ([x], { axis }) => {
    split(x!.shape, axis);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  reference: ([x], { axis, exclusive, reverse }) => {
    const [outer, count, inner] = split(x!.shape, axis);
    const y = new Float64Array(x!.data.length);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        let acc = 0;
        for (let k = 0; k < count; k++) {
          const at = (o * count + (reverse ? count - 1 - k : k)) * inner + i;
          y[at] = exclusive ? acc : acc + x!.data[at]!;
          acc += x!.data[at]!;
        }
      }
    return [y];
  },
  gradient: ({ outGrads: [dy], attrs }) => [cumsum(dy!, { ...attrs, reverse: !attrs.reverse })],
  quantize: { unsupported: "TensorFlow Lite's int8 cumsum starts from minus the zero point; keep it in f32" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower,
  samples: [
    { inputs: [[1]] },
    { inputs: [[2, 5, 3]], attrs: { axis: 1 } },
    { inputs: [[7, 2]], attrs: { axis: 0, exclusive: true } },
    { inputs: [[3, 17]], attrs: { axis: -1, reverse: true } },
    { inputs: [[2, 4]], attrs: { axis: 1, exclusive: true, reverse: true } },
  ],
});

/** Arguments `src, dst, outer, count, inner, exclusive, reverse`, then int8's `zpIn, m, shift, zpOut`. */
function lower({ inputs: [x], outputs: [out], attrs }: LowerCall<Attrs>): Lowered {
  const { dtype } = x!;
  requires(dtype === "f32" || dtype === "i8", () => `cumsum: ${dtype} values, expected f32 or i8`);
  const [outer, count, inner] = split(x!.shape, attrs.axis);
  const args = [
    ptr.input(0),
    ptr.output(0),
    ...[outer, count, inner, Number(attrs.exclusive), Number(attrs.reverse)].map(i32),
  ];
  if (dtype === "f32") return { kernel: "cumsum_f32", args, alias: [[0, 0]] };
  const [qx, qy] = [quantOf(x!), quantOf(out!)];
  // Sums are kept as halves of a unit of 2^20: TensorFlow Lite's add with a left shift of 20.
  const { m, shift } = quantizeMultiplier((2 * qx.scale[0]!) / (2 ** 20 * qy.scale[0]!));
  const quant = [qx.zeroPoint[0]!, m, shift, qy.zeroPoint[0]!].map(i32);
  return { kernel: "cumsum_i8", args: [...args, ...quant], alias: [[0, 0]] };
}
