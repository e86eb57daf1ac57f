import { carried } from "../loops/carry.ts";
import { collapse, MOVED, rowMajorStrides, walkArgs } from "../loops/strided.ts";
import { roundHalfAway } from "../numerics/requantize.ts";
import {
  DTYPE_BYTES,
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
  type TensorType,
} from "../op.ts";
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
    return [
      carried(
        x!,
        x!.shape.map((d, i) => d + paddings[2 * i]! + paddings[2 * i + 1]!),
      ),
    ];
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
  kernels: { wasm: MOVED, cpu: ["f32"] },
  lower,
  samples: [
    { inputs: [[1]], attrs: { paddings: [0, 1] } },
    { inputs: [[2, 3]], attrs: { paddings: [1, 0, 2, 3], value: 0.5 } },
    { inputs: [[1, 3, 5, 2]], attrs: { paddings: [0, 0, 1, 2, 2, 1, 0, 0] } },
  ],
});

function lower(call: LowerCall<Attrs>): Lowered {
  return call.outputs[0]!.dtype === "f32" ? lowerF32(call) : lowerBytes(call);
}

/**
 * Arguments `src, dst, table, outer, inner, before, width, value`, then rows: an output row is `inner` values, of which
 * `width` from `before` on come from a source row; the table has { dim, before, source dim } for each outer dimension.
 */
function lowerF32({ inputs: [x], outputs: [out], attrs: { paddings, value } }: LowerCall<Attrs>): Lowered {
  const rank = out!.shape.length;
  const last = rank - 1;
  const table = Int32Array.from(out!.shape.slice(0, -1).flatMap((d, i) => [d, paddings[2 * i]!, x!.shape[i]!]));
  const inner = out!.shape[last] ?? 1;
  return {
    kernel: "pad_f32",
    args: [
      ptr.input(0),
      ptr.output(0),
      rank < 2 ? i32(0) : ptr.const(0),
      i32(Math.max(0, last)),
      i32(inner),
      i32(paddings[2 * last] ?? 0),
      i32(x!.shape[last] ?? 1),
      f32(value),
    ],
    ...(rank < 2 ? {} : { consts: [{ name: "paddings", data: table }] }),
    parallel: elements(out!.shape) / inner,
  };
}

/** Arguments: pad_bytes of pad.as.ts. Source rows in memory order lie in ascending order in the output too. */
function lowerBytes({ inputs: [x], outputs: [out], attrs: { paddings, value } }: LowerCall<Attrs>): Lowered {
  const bytes = DTYPE_BYTES[out!.dtype];
  const strides = rowMajorStrides(out!.shape);
  const dims = collapse(x!.shape, strides);
  const width = dims.at(-1)?.[1] === 1 ? dims.pop()![0] : 1;
  const { args, consts } = walkArgs(dims, bytes);
  const start = strides.reduce((sum, stride, d) => sum + paddings[2 * d]! * stride, 0);
  const { code, unit } = fillOf(out!, value);
  return {
    kernel: "pad_bytes",
    args: [
      ptr.input(0),
      ptr.output(0),
      ...args,
      i32(width * bytes),
      i32(start * bytes),
      i32(code),
      i32(unit),
      i32(elements(out!.shape) * bytes),
    ],
    ...(consts.length === 0 ? {} : { consts }),
  };
}

/** The code of `value` and how many bytes of it repeat: 1 where all its bytes are equal. */
function fillOf(out: TensorType, value: number): { readonly code: number; readonly unit: number } {
  const bytes = DTYPE_BYTES[out.dtype];
  const real = out.quant ? roundHalfAway(Math.fround(value / out.quant.scale[0]!)) + out.quant.zeroPoint[0]! : value;
  const unsigned = out.dtype === "u8" || out.dtype === "bool";
  const lowest = unsigned ? 0 : -(2 ** (8 * bytes - 1));
  const code = Math.min(lowest + 2 ** (8 * bytes) - 1, Math.max(lowest, real));
  const low = code & 0xff;
  const uniform = Array.from({ length: bytes }, (_, i) => (code >> (8 * i)) & 0xff).every((byte) => byte === low);
  return { code, unit: uniform ? 1 : bytes };
}
