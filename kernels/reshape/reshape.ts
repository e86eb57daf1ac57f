import { carried } from "../loops/carry.ts";
import { defineOp, elements, type Op, requires, showShape, type Tensor } from "../op.ts";

type Attrs = { shape: readonly number[] };

/** The same values in another shape; one dimension may be -1, what is left. A view: no code, no memory. */
export const reshape: Op<[x: Tensor], Attrs> = defineOp({
  name: "reshape",
  attrs: { shape: [] } as Attrs,
  infer: ([x], { shape }) => {
    const known = elements(shape.filter((d) => d !== -1));
    const resolved = shape.map((d) => (d === -1 ? elements(x!.shape) / known : d));
    requires(
      elements(resolved) === elements(x!.shape) &&
        resolved.every((d) => Number.isInteger(d) && d >= 0) &&
        shape.filter((d) => d === -1).length <= 1,
      () => `reshape: ${showShape(shape)}, expected ${elements(x!.shape)} values to match ${showShape(x!.shape)}`,
    );
    return [carried(x!, resolved)];
  },
  reference: ([x]) => [x!.data.slice()],
  gradient: ({ inputs: [x], outGrads: [dy] }) => [reshape(dy!, { shape: x!.shape })],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: [], cpu: [] },
  lower: () => ({ kernel: null, args: [] }),
  samples: [
    { inputs: [[1]], attrs: { shape: [1, 1] } },
    { inputs: [[2, 3, 5]], attrs: { shape: [2, -1] } },
  ],
});
