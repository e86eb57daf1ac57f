import { broadcastStrides, unbroadcast } from "../loops/broadcast.ts";
import { carried } from "../loops/carry.ts";
import { lowerStrided, MOVED, referenceStrided } from "../loops/strided.ts";
import { defineOp, type Op, requires, showShape, type Tensor } from "../op.ts";

type Attrs = { shape: readonly number[] };

/** `x` stretched to `shape` by numpy's rules; the gradient sums. */
export const broadcastTo: Op<[x: Tensor], Attrs> = defineOp({
  name: "broadcastTo",
  attrs: { shape: [] } as Attrs,
  infer: ([x], { shape }) => {
    const extra = shape.length - x!.shape.length;
    requires(
      extra >= 0 && x!.shape.every((d, i) => d === 1 || d === shape[i + extra]),
      () => `broadcastTo: ${showShape(shape)}, expected a shape that ${showShape(x!.shape)} stretches to`,
    );
    return [carried(x!, shape)];
  },
  reference: ([x], { shape }, [out]) => [
    referenceStrided(x!, out!, { strides: broadcastStrides(x!.shape, shape), start: 0 }),
  ],
  gradient: ({ inputs: [x], outGrads: [dy] }) => [unbroadcast(dy!, x!.shape)],
  quantize: { output: "carry" },
  macs: () => 0,
  kernels: { wasm: MOVED, cpu: ["f32"] },
  lower: (call) =>
    lowerStrided("broadcastTo", call, { strides: broadcastStrides(call.inputs[0]!.shape, call.attrs.shape), start: 0 }),
  samples: [
    { inputs: [[1]], attrs: { shape: [1] } },
    { inputs: [[7]], attrs: { shape: [3, 7] } },
    { inputs: [[2, 1, 5]], attrs: { shape: [2, 3, 5] } },
    { inputs: [[3, 1]], attrs: { shape: [2, 3, 17] } },
  ],
});
