import { broadcastShape, broadcastStrides, walk } from "../loops/broadcast.ts";
import { byDtype } from "../loops/by-dtype.ts";
import {
  DTYPE_BYTES,
  defineOp,
  elements,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  type RefTensor,
  requires,
  showType,
  type Tensor,
  type TensorType,
} from "../op.ts";

/**
 * `condition ? a : b`, broadcast; condition is bool, a and b are of one dtype and one quantization: codes are copied.
 * f32, i32, int8, int16 or bool.
 */
export const where: Op<[condition: Tensor, a: Tensor, b: Tensor], Record<never, never>> = defineOp({
  name: "where",
  attrs: {},
  infer: ([condition, a, b]) => {
    requires(condition!.dtype === "bool", () => `where: condition is ${showType(condition!)}, expected bool`);
    requires(a!.dtype === b!.dtype, () => `where: values are ${showType(a!)} and ${showType(b!)}, expected one dtype`);
    const values = broadcastShape("where", a!.shape, b!.shape);
    return [{ dtype: a!.dtype, shape: broadcastShape("where", condition!.shape, values) }];
  },
  reference: ([condition, a, b], _attrs, [out]) => {
    const at = (t: RefTensor): Float64Array => expanded(t, out!);
    const [c, x, y] = [at(condition!), at(a!), at(b!)];
    return [c.map((v, i) => (v !== 0 ? x[i]! : y[i]!))];
  },
  quantize: { unsupported: "where reads a bool tensor, which is not quantized" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i32", "i8", "i16", "bool"], cpu: [] },
  lower: (call) => {
    const kernel = (width: string) => () => lowerChoice(`where_${width}`, call);
    const rows = { f32: "f32", i32: "f32", i8: "i8", u8: "i8", bool: "i8", i16: "i16" } as const;
    return byDtype(
      "where",
      call.inputs[1]!.dtype,
      Object.fromEntries(Object.entries(rows).map(([dtype, width]) => [dtype, kernel(width)])),
    );
  },
  samples: [
    {
      inputs: [
        [3, 17],
        [3, 17],
        [3, 17],
      ],
      dtypes: ["bool", "f32", "f32"],
      range: [0, 1],
    },
    { inputs: [[4, 1, 1], [1, 3, 5], [5]], dtypes: ["bool", "f32", "f32"], range: [0, 1], note: "all stretch" },
    { inputs: [[2, 3], [], [1]], dtypes: ["bool", "f32", "f32"], range: [0, 1], note: "rank 0" },
  ],
});

function expanded(t: RefTensor, out: TensorType): Float64Array {
  const strides = broadcastStrides(t.shape, out.shape);
  return Float64Array.from({ length: elements(out.shape) }, (_, i) => {
    let [rest, at] = [i, 0];
    for (let d = out.shape.length - 1; d >= 0; d--) {
      at += (rest % out.shape[d]!) * strides[d]!;
      rest = Math.floor(rest / out.shape[d]!);
    }
    return t.data[at]!;
  });
}

/** Arguments `condition, a, b, dst, table, outer, inner`, three strides, `n`. */
function lowerChoice(
  kernel: string,
  { inputs, outputs: [out] }: Pick<LowerCall<never>, "inputs" | "outputs">,
): Lowered {
  const { table, outer, inner, strides } = walk(
    inputs.map((t) => t.shape),
    out!.shape,
  );
  const n = elements(out!.shape);
  const inPlace = inputs.flatMap((t, input) =>
    elements(t.shape) === n && DTYPE_BYTES[t.dtype] === DTYPE_BYTES[out!.dtype] ? [[0, input] as const] : [],
  );
  return {
    kernel,
    args: [
      ...[ptr.input(0), ptr.input(1), ptr.input(2), ptr.output(0)],
      outer === 0 ? i32(0) : ptr.const(0),
      ...[outer, inner, ...strides, n].map(i32),
    ],
    ...(outer === 0 ? {} : { consts: [{ name: "strides", data: table }] }),
    alias: inPlace,
  };
}
