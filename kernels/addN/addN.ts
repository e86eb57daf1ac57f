import { byDtype } from "../loops/by-dtype.ts";
import { sequential } from "../loops/sequential.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import {
  defineOp,
  elements,
  i32,
  type LowerArg,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  showType,
  type Tensor,
} from "../op.ts";
import { quantOf } from "../pack.ts";

/** Operands that the kernel has addresses for. */
const MOST = 8;

/** Sum of 2 to 8 tensors of one shape, in their order. f32, or int8 of one scale and zero point. */
export const addN: Op<readonly [Tensor, Tensor, ...Tensor[]], Record<never, never>> = defineOp({
  name: "addN",
  attrs: {},
  infer: (inputs) => {
    const [first] = inputs;
    requires(
      inputs.length >= 2 && inputs.length <= MOST,
      () => `addN: ${inputs.length} operands, expected 2 to ${MOST} (add them in groups)`,
    );
    const other = inputs.find((t) => showType(t) !== showType(first!));
    requires(!other, () => `addN: operands are ${showType(first!)} and ${showType(other!)}, expected one type`);
    return [{ dtype: first!.dtype, shape: first!.shape }];
  },
  reference: (inputs) => [inputs[0]!.data.map((_, i) => inputs.reduce((sum, t) => sum + t.data[i]!, 0))],
  gradient: ({ inputs, outGrads: [dz] }) => inputs.map(() => dz),
  quantize: { unsupported: "addN needs int8 operands of one scale; add them two by two" },
  macs: () => 0,
  kernels: { wasm: ["f32", "i8"], cpu: ["f32"] },
  lower: (call) =>
    byDtype("addN", call.inputs[0]!.dtype, {
      f32: () => lowerSum("addN_f32", call, []),
      i8: () => lowerI8(call),
    }),
  samples: [
    {
      inputs: [
        [3, 17],
        [3, 17],
      ],
    },
    { inputs: [[5], [5], [5]] },
    { inputs: Array.from({ length: MOST }, () => [2, 3]) },
  ],
});

/** Arguments `dst, count`, eight operands (the last repeated), then `more`. */
function lowerSum(
  kernel: string,
  { inputs, outputs: [out] }: Pick<LowerCall<never>, "inputs" | "outputs">,
  more: readonly LowerArg[],
): Lowered {
  const operands = Array.from({ length: MOST }, (_, j) => ptr.input(Math.min(j, inputs.length - 1)));
  return {
    kernel,
    args: [ptr.output(0), i32(inputs.length), ...operands, ...more],
    alias: inputs.map((_, j) => [0, j] as const),
    parallel: elements(out!.shape),
  };
}

function lowerI8(call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const [q, qz] = [quantOf(call.inputs[0]!), quantOf(call.outputs[0]!)];
  const differs = call.inputs.find(
    ({ quant }) => quant?.scale[0] !== q.scale[0] || quant?.zeroPoint[0] !== q.zeroPoint[0],
  );
  requires(
    !differs,
    () => `addN: an int8 operand has scale ${differs?.quant?.scale[0]}, expected ${q.scale[0]} as the first has`,
  );
  // Operands count half, with 20 more bits.
  const { m, shift } = quantizeMultiplier((2 * q.scale[0]!) / (2 ** 20 * qz.scale[0]!));
  requires(shift <= 0, () => `addN: scales ${q.scale[0]} to ${qz.scale[0]}, expected a ratio below 2^19`);
  // TFLite's sum starts from the code 0, not from the value 0.
  const bias = -(call.inputs.length + 1) * q.zeroPoint[0]!;
  return sequential(lowerSum("addN_i8", call, [bias, m, shift, qz.zeroPoint[0]!].map(i32)));
}
