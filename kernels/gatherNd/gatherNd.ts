import { carried } from "../loops/carry.ts";
import { MOVED, rowMajorStrides } from "../loops/strided.ts";
import { DTYPE_BYTES, defineOp, elements, i32, type Op, ptr, requires, showShape, type Tensor } from "../op.ts";

type Attrs = Record<never, never>;

/**
 * Slices of x at tuples of indices (i32 [..., depth], depth <= rank of x): `out[..., :] = x[indices[..., 0], ...]`.
 * Indices outside their dimension are clamped. No gradient.
 */
export const gatherNd: Op<[x: Tensor, indices: Tensor], Attrs> = defineOp({
  name: "gatherNd",
  attrs: {},
  infer: ([x, indices]) => {
    const depth = indices!.shape.at(-1) ?? 0;
    requires(indices!.dtype === "i32", () => `gatherNd: indices are ${indices!.dtype}, expected i32`);
    requires(
      depth >= 1 && depth <= x!.shape.length,
      () =>
        `gatherNd: indices are ${showShape(indices!.shape)}, expected 1 to ${x!.shape.length} in the last dimension`,
    );
    requires(
      x!.shape.slice(0, depth).every((d) => d > 0) || elements(indices!.shape) === 0,
      () => `gatherNd: ${showShape(x!.shape)} is empty, expected an element for each of ${showShape(indices!.shape)}`,
    );
    return [carried(x!, [...indices!.shape.slice(0, -1), ...x!.shape.slice(depth)])];
  },
  reference: ([x, indices]) => {
    const depth = indices!.shape.at(-1)!;
    const strides = rowMajorStrides(x!.shape);
    const inner = elements(x!.shape.slice(depth));
    const count = indices!.data.length / depth;
    const y = new Float64Array(count * inner);
    for (let k = 0; k < count; k++) {
      let at = 0;
      for (let d = 0; d < depth; d++)
        at += Math.max(0, Math.min(x!.shape[d]! - 1, indices!.data[k * depth + d]!)) * strides[d]!;
      y.set(x!.data.subarray(at, at + inner), k * inner);
    }
    return [y];
  },
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: [] },
  lower: ({ inputs: [x, indices] }) => {
    const depth = indices!.shape.at(-1)!;
    const bytes = DTYPE_BYTES[x!.dtype];
    const strides = rowMajorStrides(x!.shape);
    const table = x!.shape.slice(0, depth).flatMap((dim, d) => [dim, strides[d]! * bytes]);
    return {
      kernel: "gatherNd_bytes",
      args: [
        ptr.input(0),
        ptr.input(1),
        ptr.output(0),
        ptr.const(0),
        i32(elements(indices!.shape) / depth),
        i32(depth),
        i32(elements(x!.shape.slice(depth)) * bytes),
      ],
      consts: [{ name: "strides", data: Int32Array.from(table) }],
    };
  },
  samples: [
    { inputs: [[3], [1, 1]], dtypes: ["f32", "i32"], range: [0, 2] },
    {
      inputs: [
        [4, 5, 3],
        [2, 2],
      ],
      dtypes: ["f32", "i32"],
      range: [0, 3],
    },
    {
      inputs: [
        [2, 3],
        [2, 2, 2],
      ],
      dtypes: ["f32", "i32"],
      range: [-2, 4],
      note: "clamped",
    },
  ],
});
