import { div } from "../div/div.ts";
import { mul } from "../mul/mul.ts";
import { defineOp, elements, i32, type Op, ptr, requires, type Tensor } from "../op.ts";
import { quantOf } from "../pack.ts";
import { sqrt } from "../sqrt/sqrt.ts";
import { sub } from "../sub/sub.ts";
import { sum } from "../sum/sum.ts";

const LEAST_NORM = 1e-6;

/** Each row of the last axis over its Euclidean norm, at least 1e-6. An int8 output has scale 1/128, zero point 0. */
export const l2Normalization: Op<[x: Tensor], Record<never, never>> = defineOp({
  name: "l2Normalization",
  attrs: {},
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  reference: ([x], _attrs, [out]) => {
    const depth = out!.shape.at(-1) ?? 1;
    const y = new Float64Array(x!.data.length);
    for (let row = 0; row < y.length; row += depth) {
      const values = x!.data.subarray(row, row + depth);
      const norm = Math.max(LEAST_NORM, Math.sqrt(values.reduce((total, v) => total + v * v, 0)));
      y.set(
        values.map((v) => v / norm),
        row,
      );
    }
    return [y];
  },
  // dx = (dy - y sum(dy y)) / norm
  gradient: ({ inputs: [x], outputs: [y], outGrads: [dy] }) => {
    const along = { axes: [-1], keepDims: true };
    const norm = sqrt(sum(mul(x!, x!), along));
    return [div(sub(dy!, mul(y!, sum(mul(dy!, y!), along))), norm)];
  },
  quantize: { output: { scale: 1 / 128, zeroPoint: 0 } },
  macs: ([x]) => elements(x!.shape),
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: ({ inputs: [x] }) => {
    const { dtype, shape } = x!;
    requires(dtype === "f32" || dtype === "i8", () => `l2Normalization: ${dtype} values, expected f32 or i8`);
    const depth = shape.at(-1) ?? 1;
    const args = [ptr.input(0), ptr.output(0), i32(elements(shape) / depth), i32(depth)];
    return {
      kernel: `l2Normalization_${dtype}`,
      args: dtype === "f32" ? args : [...args, i32(quantOf(x!).zeroPoint[0]!)],
      alias: [[0, 0]],
    };
  },
  samples: [
    { inputs: [[1, 2]], values: [[0.25, -0.5]] },
    { inputs: [[3, 17]] },
    { inputs: [[2, 2, 131]], range: [-3, 3] },
  ],
});
