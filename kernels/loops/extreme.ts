/** What reduceMax and reduceMin share. */
import { scalar } from "../constant.ts";
import { div } from "../div/div.ts";
import { greater } from "../greater/greater.ts";
import { mul } from "../mul/mul.ts";
import {
  defineOp,
  elements,
  i32,
  type LowerCall,
  type Lowered,
  type Op,
  type OpDefinition,
  type RefTensor,
  requires,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { sub } from "../sub/sub.ts";
import { sum } from "../sum/sum.ts";
import { carried } from "./carry.ts";
import { lowerReduce, type ReduceAttrs, reducedAxes, reduceIndices, reduceShape, spread } from "./reduce.ts";

const DTYPES = ["f32", "i8", "i16", "i32"] as const;

/** An operator that takes the largest or the smallest value over `axes`. */
export function defineExtreme(name: "reduceMax" | "reduceMin"): Op<[x: Tensor], ReduceAttrs> {
  const largest = name === "reduceMax";
  const definition: OpDefinition<ReduceAttrs> = {
    name,
    attrs: { axes: "all", keepDims: false },
    infer: ([x], attrs) => [carried(x!, reduceShape(name, x!.shape, attrs))],
    reference: ([x], attrs, [out]) => [reference(name, largest, x!, attrs, out!)],
    // Equal extremes share the gradient: the mask of values that no other exceeds, divided by their number.
    gradient: ({ inputs: [x], outputs: [y], outGrads: [dy], attrs }) => {
      const best = spread(name, y!, x!, attrs);
      const mask = sub(scalar(1), largest ? greater(best, x!) : greater(x!, best));
      const count = sum(mask, { ...attrs, keepDims: true });
      return [mul(spread(name, dy!, x!, attrs), div(mask, count))];
    },
    quantize: { output: "carry" },
    macs: () => 0,
    kernels: { wasm: DTYPES, cpu: ["f32"] },
    lower: (call) => lower(name, call),
    samples: [
      { inputs: [[1]] },
      { inputs: [[2, 5, 3, 7]], attrs: { axes: [1, 2] } },
      { inputs: [[3, 17]], attrs: { axes: [-1], keepDims: true } },
      { inputs: [[2, 3, 4, 5]], attrs: { axes: [1, -1] }, note: "two runs of reduced dimensions" },
      { inputs: [[2, 1, 17]], attrs: { axes: [1] }, note: "nothing to compare" },
    ],
  };
  return defineOp(definition);
}

function reference(op: string, largest: boolean, x: RefTensor, attrs: ReduceAttrs, out: TensorType): Float64Array {
  const worst = largest ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const y = new Float64Array(elements(out.shape)).fill(worst);
  reduceIndices(op, x.shape, attrs, (i, o) => {
    const v = x.data[i]!;
    if (largest ? v > y[o]! : v < y[o]!) y[o] = v;
  });
  return y;
}

function lower(op: string, { inputs: [x], outputs: [out], attrs }: LowerCall<ReduceAttrs>): Lowered {
  const known = (DTYPES as readonly string[]).includes(x!.dtype);
  requires(known, () => `${op}: ${x!.dtype} values, expected one of ${DTYPES.join(", ")}`);
  const axes = reducedAxes(op, x!.shape.length, attrs.axes);
  return lowerReduce(`${op}_${x!.dtype}`, x!, out!, axes, [i32(elements(out!.shape))], false);
}
