/** Elementwise and table operators, comparisons, casts. */
import { abs } from "../../../../kernels/abs/abs.ts";
import { addN } from "../../../../kernels/addN/addN.ts";
import { cast } from "../../../../kernels/cast/cast.ts";
import { ceil } from "../../../../kernels/ceil/ceil.ts";
import { scalar } from "../../../../kernels/constant.ts";
import { cos } from "../../../../kernels/cos/cos.ts";
import { div } from "../../../../kernels/div/div.ts";
import { elu } from "../../../../kernels/elu/elu.ts";
import { equal } from "../../../../kernels/equal/equal.ts";
import { exp } from "../../../../kernels/exp/exp.ts";
import { floor } from "../../../../kernels/floor/floor.ts";
import { floorDiv } from "../../../../kernels/floorDiv/floorDiv.ts";
import { floorMod } from "../../../../kernels/floorMod/floorMod.ts";
import { hardSwish } from "../../../../kernels/hardSwish/hardSwish.ts";
import { leakyRelu } from "../../../../kernels/leakyRelu/leakyRelu.ts";
import { less } from "../../../../kernels/less/less.ts";
import { lessEqual } from "../../../../kernels/lessEqual/lessEqual.ts";
import { log } from "../../../../kernels/log/log.ts";
import { logicalAnd } from "../../../../kernels/logicalAnd/logicalAnd.ts";
import { logicalNot } from "../../../../kernels/logicalNot/logicalNot.ts";
import { logicalOr } from "../../../../kernels/logicalOr/logicalOr.ts";
import { logistic } from "../../../../kernels/logistic/logistic.ts";
import { maximum } from "../../../../kernels/maximum/maximum.ts";
import { minimum } from "../../../../kernels/minimum/minimum.ts";
import { mul } from "../../../../kernels/mul/mul.ts";
import { notEqual } from "../../../../kernels/notEqual/notEqual.ts";
import type { DType, Tensor } from "../../../../kernels/op.ts";
import { prelu } from "../../../../kernels/prelu/prelu.ts";
import { reluN1To1 } from "../../../../kernels/reluN1To1/reluN1To1.ts";
import { round } from "../../../../kernels/round/round.ts";
import { rsqrt } from "../../../../kernels/rsqrt/rsqrt.ts";
import { sin } from "../../../../kernels/sin/sin.ts";
import { sqrt } from "../../../../kernels/sqrt/sqrt.ts";
import { squaredDifference } from "../../../../kernels/squaredDifference/squaredDifference.ts";
import { tanh } from "../../../../kernels/tanh/tanh.ts";
import { where } from "../../../../kernels/where/where.ts";
import { type TfliteCall, type TfliteOperator, type TfliteTable, typed } from "../operator.ts";

const FLOAT: readonly DType[] = ["f32"];
const FLOAT_INT8: readonly DType[] = ["f32", "i8"];
const FLOAT_INT8_INT16: readonly DType[] = ["f32", "i8", "i16"];

export const elementwise = {
  LOGISTIC: unary(logistic, FLOAT_INT8_INT16),
  TANH: unary(tanh, FLOAT_INT8_INT16),
  RELU_N1_TO_1: unary(reluN1To1, FLOAT_INT8_INT16),
  HARD_SWISH: unary(hardSwish, FLOAT_INT8),
  ELU: unary(elu, FLOAT_INT8),
  ABS: unary(abs, FLOAT_INT8_INT16),
  RSQRT: unary(rsqrt, FLOAT_INT8_INT16),
  // TensorFlow Lite Micro has no integer kernel of these.
  SQRT: unary(sqrt, FLOAT),
  EXP: unary(exp, FLOAT),
  LOG: unary(log, FLOAT),
  SIN: unary(sin, FLOAT),
  COS: unary(cos, FLOAT),
  FLOOR: unary(floor, FLOAT),
  CEIL: unary(ceil, FLOAT),
  ROUND: unary(round, FLOAT),
  // Exact, sign and rounding included.
  NEG: unary((x, attrs) => mul(x, scalar(-1), attrs), FLOAT),
  SQUARE: unary((x, attrs) => mul(x, x, attrs), FLOAT),
  LOGICAL_NOT: unary(logicalNot, ["bool"]),
  // LeakyReluOptions: 0 alpha.
  LEAKY_RELU: (call) => [
    typed(
      leakyRelu(operand(call, 0, FLOAT_INT8_INT16), { alpha: call.options.float(0), name: call.name }),
      call.outputs[0]!,
    ),
  ],
  PRELU: binary(prelu, FLOAT_INT8),

  // DivOptions: 0 activation.
  DIV: (call) => {
    const [a, b] = [operand(call, 0, FLOAT_INT8), operand(call, 1, FLOAT_INT8)];
    return [typed(div(a, b, { activation: call.activation(0), name: call.name }), call.outputs[0]!)];
  },
  SQUARED_DIFFERENCE: binary(squaredDifference, FLOAT_INT8_INT16),
  FLOOR_DIV: binary(floorDiv, FLOAT),
  FLOOR_MOD: binary(floorMod, FLOAT),
  MAXIMUM: extreme(maximum),
  MINIMUM: extreme(minimum),

  EQUAL: binary(equal, ["f32", "i8", "i32"]),
  NOT_EQUAL: binary(notEqual, ["f32", "i8", "i32"]),
  LESS: binary(less, ["f32", "i8", "i32"]),
  LESS_EQUAL: binary(lessEqual, ["f32", "i8", "i32"]),
  GREATER: binary((a, b, attrs) => less(b, a, attrs), ["f32", "i8", "i32"]),
  GREATER_EQUAL: binary((a, b, attrs) => lessEqual(b, a, attrs), ["f32", "i8", "i32"]),
  LOGICAL_AND: binary(logicalAnd, ["bool"]),
  LOGICAL_OR: binary(logicalOr, ["bool"]),
  SELECT_V2: (call) => {
    const values = [1, 2].map((i) => operand(call, i, FLOAT_INT8_INT16));
    return [typed(where(call.input(0), values[0]!, values[1]!, { name: call.name }), call.outputs[0]!)];
  },
  ADD_N: (call) => {
    const [first, second, ...rest] = call.inputs.map((_, i) => operand(call, i, FLOAT_INT8));
    if (!first || !second) return call.refuse(`${call.inputs.length} inputs`, "2 to 8");
    return [typed(addN(first, second, ...rest, { name: call.name }), call.outputs[0]!)];
  },
  // The output's dtype says what CastOptions repeats.
  CAST: (call) => [typed(cast(call.input(0), { dtype: call.outputs[0]!.dtype, name: call.name }), call.outputs[0]!)],
} as const satisfies TfliteTable;

type Named = { readonly name: string };
type Unary = (x: Tensor, attrs: Named) => Tensor;
type Binary = (a: Tensor, b: Tensor, attrs: Named) => Tensor;

/** Input `index`, refused where it is of no dtype that the reference has a kernel for. */
function operand(call: TfliteCall, index: number, dtypes: readonly DType[]): Tensor {
  const x = call.input(index);
  return dtypes.includes(x.dtype) ? x : call.refuse(`input ${index} of ${x.dtype}`, dtypes.join(", "));
}

function unary(op: Unary, dtypes: readonly DType[]): TfliteOperator {
  return (call) => [typed(op(operand(call, 0, dtypes), { name: call.name }), call.outputs[0]!)];
}

function binary(op: Binary, dtypes: readonly DType[]): TfliteOperator {
  return (call) => {
    const [a, b] = [operand(call, 0, dtypes), operand(call, 1, dtypes)];
    if (a.dtype !== b.dtype) call.refuse(`inputs of ${a.dtype} and ${b.dtype}`, "one dtype");
    return [typed(op(a, b, { name: call.name }), call.outputs[0]!)];
  };
}

/** Codes are compared as they are, which means something at one scale only. */
function extreme(op: typeof maximum): TfliteOperator {
  const row = binary(op, ["f32", "i8", "i16", "i32"]);
  return (call) => {
    const quants = [call.input(0).type, call.input(1).type, call.outputs[0]!].map(({ quant }) => quant);
    const other = quants.find(
      (q) => q?.scale[0] !== quants[0]?.scale[0] || q?.zeroPoint[0] !== quants[0]?.zeroPoint[0],
    );
    if (other) call.refuse(`scales ${quants[0]?.scale[0]} and ${other.scale[0]}`, "one scale and zero point for all");
    return row(call);
  };
}
