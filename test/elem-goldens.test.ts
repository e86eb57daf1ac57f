/** int8 kernels against TensorFlow Lite Micro's bytes: the cases whose operands and attributes index.json tells. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { abs } from "../kernels/abs/abs.ts";
import { add } from "../kernels/add/add.ts";
import { addN } from "../kernels/addN/addN.ts";
import { broadcastTo } from "../kernels/broadcastTo/broadcastTo.ts";
import { cast } from "../kernels/cast/cast.ts";
import { ceil } from "../kernels/ceil/ceil.ts";
import { concat } from "../kernels/concat/concat.ts";
import { cos } from "../kernels/cos/cos.ts";
import { dequantize } from "../kernels/dequantize/dequantize.ts";
import { div } from "../kernels/div/div.ts";
import { elu } from "../kernels/elu/elu.ts";
import { equal } from "../kernels/equal/equal.ts";
import { exp } from "../kernels/exp/exp.ts";
import { floor } from "../kernels/floor/floor.ts";
import { floorDiv } from "../kernels/floorDiv/floorDiv.ts";
import { floorMod } from "../kernels/floorMod/floorMod.ts";
import { hardSwish } from "../kernels/hardSwish/hardSwish.ts";
import { leakyRelu } from "../kernels/leakyRelu/leakyRelu.ts";
import { less } from "../kernels/less/less.ts";
import { lessEqual } from "../kernels/lessEqual/lessEqual.ts";
import { log } from "../kernels/log/log.ts";
import { logicalAnd } from "../kernels/logicalAnd/logicalAnd.ts";
import { logicalNot } from "../kernels/logicalNot/logicalNot.ts";
import { logicalOr } from "../kernels/logicalOr/logicalOr.ts";
import { logistic } from "../kernels/logistic/logistic.ts";
import { maximum } from "../kernels/maximum/maximum.ts";
import { mean } from "../kernels/mean/mean.ts";
import { minimum } from "../kernels/minimum/minimum.ts";
import { mul } from "../kernels/mul/mul.ts";
import { notEqual } from "../kernels/notEqual/notEqual.ts";
import type { Attrs, DType, OpDefinition, TensorType, TypedArray } from "../kernels/op.ts";
import { elements } from "../kernels/op.ts";
import { prelu } from "../kernels/prelu/prelu.ts";
import { quantize } from "../kernels/quantize/quantize.ts";
import { relu } from "../kernels/relu/relu.ts";
import { relu6 } from "../kernels/relu6/relu6.ts";
import { reluN1To1 } from "../kernels/reluN1To1/reluN1To1.ts";
import { round } from "../kernels/round/round.ts";
import { rsqrt } from "../kernels/rsqrt/rsqrt.ts";
import { sin } from "../kernels/sin/sin.ts";
import { softmax } from "../kernels/softmax/softmax.ts";
import { sqrt } from "../kernels/sqrt/sqrt.ts";
import { squaredDifference } from "../kernels/squaredDifference/squaredDifference.ts";
import { sub } from "../kernels/sub/sub.ts";
import { sum } from "../kernels/sum/sum.ts";
import { tanh } from "../kernels/tanh/tanh.ts";
import { transpose } from "../kernels/transpose/transpose.ts";
import { where } from "../kernels/where/where.ts";
import { compileWasm, lowerSample, readNpy, runWasm } from "./elem-harness.ts";

const folder = fileURLToPath(new URL("./goldens-ops/", import.meta.url));

interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quant?: { readonly scale: number; readonly zero_point: number };
}
interface Golden {
  readonly name: string;
  readonly N: number;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

const goldens = JSON.parse(readFileSync(`${folder}index.json`, "utf8")) as readonly Golden[];

const OPS = {
  abs,
  addN,
  cast,
  div,
  elu,
  equal,
  exp,
  floor,
  floorDiv,
  floorMod,
  hardSwish,
  leakyRelu,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  logistic,
  maximum,
  minimum,
  notEqual,
  prelu,
  reluN1To1,
  rsqrt,
  sin,
  cos,
  ceil,
  round,
  sqrt,
  squaredDifference,
  tanh,
  where,
  add,
  broadcastTo,
  concat,
  dequantize,
  mean,
  mul,
  quantize,
  relu,
  relu6,
  softmax,
  sub,
  sum,
  transpose,
};
const definitions: ReadonlyMap<string, OpDefinition<Attrs>> = new Map(
  Object.values(OPS).map((op) => [op.definition.name, op.definition as OpDefinition<Attrs>]),
);

const relu6Attrs: Attrs = { activation: "relu6" };
const rn1Attrs: Attrs = { activation: "reluN1To1" };
const CASES: readonly (readonly [op: keyof typeof OPS, names: string, attrs?: Attrs])[] = [
  [
    "add",
    "add_i8_same add_i8_bc_first_smaller add_i8_sat add_i8_wide add_i8_zp_extremes add_i8_zp_extremes2 add_f32_same",
  ],
  ["add", "add_i8_relu6 add_f32_relu6", relu6Attrs],
  [
    "sub",
    "sub_i8_same sub_i8_bc_first_smaller sub_i8_sat sub_i8_wide sub_i8_zp_extremes sub_i8_zp_extremes2 sub_f32_same",
  ],
  ["sub", "sub_i8_relu6 sub_f32_relu6", relu6Attrs],
  [
    "mul",
    "mul_i8_same mul_i8_bc_first_smaller mul_i8_sat mul_i8_wide mul_i8_zp_extremes mul_i8_zp_extremes2 mul_i8_left mul_f32_same",
  ],
  ["mul", "mul_i8_relu6 mul_f32_relu6", relu6Attrs],
  ["mean", "mean_i8_hw_keep mean_i8_1x1 mean_i8_left", { axes: [1, 2], keepDims: true }],
  ["sum", "sum_i8_hw", { axes: [1, 2] }],
  ["sum", "sum_i8_same_scale", { axes: [-1], keepDims: true }],
  ["sum", "sum_i8_h", { axes: [1], keepDims: true }],
  ["concat", "concatenation_i8_chan"],
  ["concat", "concatenation_i8_batch", { axis: 0 }],
  ["broadcastTo", "broadcast_to_i8_a", { shape: [2, 4, 3] }],
  ["transpose", "transpose_i8_nchw transpose_f32_nchw", { order: [0, 3, 1, 2] }],
  ["transpose", "transpose_i8_3d", { order: [2, 0, 1] }],
  ["transpose", "transpose_i8_rev", { order: [3, 2, 1, 0] }],
  ["transpose", "transpose_i8_ident", { order: [0, 1, 2] }],
  ["mean", "mean_i8_last", { axes: [-1], keepDims: true }],
  ["mean", "mean_i8_all"],
  ["mean", "mean_i8_neg_axis", { axes: [-1] }],
  ["mean", "mean_i8_w_only", { axes: [2], keepDims: true }],
  ["softmax", "softmax_i8_v10 softmax_i8_v17_small softmax_i8_v100"],
  ["softmax", "softmax_i8_beta05", { beta: 0.5 }],
  ["softmax", "softmax_i8_beta2", { beta: 2 }],
  ["relu", "relu_i8_same relu_i8_zo"],
  ["relu6", "relu6_i8_same relu6_i8_zo"],
  [
    "quantize",
    "quantize_f32_i8_a quantize_f32_i8_ties quantize_i8_i8_up quantize_i8_i8_same quantize_i8_i8_pow2 quantize_i8_i8_left_big",
  ],
  ["dequantize", "dequantize_i8_f32_a dequantize_i16_f32_a dequantize_u8_f32_a"],
  [
    "add",
    "add_i16_same add_i16_bc_first_smaller add_i16_sat add_i16_wide add_i16_pot0_scales add_i16_pot1_scales add_i32_a",
  ],
  ["add", "add_i16_relu6", relu6Attrs],
  ["add", "add_i16_rn1 add_i8_rn1", rn1Attrs],
  [
    "sub",
    "sub_i16_same sub_i16_bc_first_smaller sub_i16_sat sub_i16_wide sub_i16_pot0_scales sub_i16_pot1_scales sub_i32_a",
  ],
  ["sub", "sub_i16_relu6", relu6Attrs],
  ["sub", "sub_i16_rn1 sub_i8_rn1", rn1Attrs],
  ["mul", "mul_i16_same mul_i16_bc_first_smaller mul_i16_sat mul_i16_wide mul_i16_left mul_i32_a"],
  ["mul", "mul_i16_relu6", relu6Attrs],
  ["mul", "mul_i16_rn1 mul_i8_rn1", rn1Attrs],
  ["div", "div_i8_a div_i8_neg_div div_f32_a"],
  ["div", "div_i8_relu", { activation: "relu" }],
  [
    "squaredDifference",
    "squared_difference_i8_same squared_difference_i8_relu6 squared_difference_i8_tiny squared_difference_i16_a squared_difference_f32_same squared_difference_f32_relu6",
  ],
  [
    "maximum",
    "maximum_i8_same maximum_i8_relu6 maximum_i8_bc_both maximum_i16_same maximum_i16_relu6 maximum_f32_same maximum_f32_relu6",
  ],
  [
    "minimum",
    "minimum_i8_same minimum_i8_relu6 minimum_i8_bc_both minimum_i16_same minimum_i16_relu6 minimum_f32_same minimum_f32_relu6",
  ],
  ["logistic", "logistic_i8_a logistic_i8_c logistic_i8_e logistic_i8_f logistic_i8_all256_1 logistic_f32_a"],
  ["logistic", "logistic_i16_pot12 logistic_i16_pot15 logistic_i16_gen2 logistic_i16_coarse logistic_i16_sweep_gen"],
  ["tanh", "tanh_i8_a tanh_i8_c tanh_i8_e tanh_i8_f tanh_i8_all256_1 tanh_f32_a"],
  ["tanh", "tanh_i16_pot12 tanh_i16_pot15 tanh_i16_gen2 tanh_i16_coarse tanh_i16_sweep_gen"],
  ["relu", "relu_i16_a relu_f32_a"],
  ["relu6", "relu6_i16_a relu6_f32_a"],
  ["hardSwish", "hard_swish_i8_a hard_swish_i8_c hard_swish_i8_e hard_swish_i8_all hard_swish_f32_a"],
  ["elu", "elu_i8_a elu_i8_c elu_f32_a"],
  ["abs", "abs_i8_a abs_i8_c abs_i16_a abs_f32_a"],
  ["rsqrt", "rsqrt_i8_a rsqrt_i8_c rsqrt_i16_a rsqrt_f32_a"],
  ["exp", "exp_f32_a"],
  ["log", "log_f32_a"],
  ["sqrt", "sqrt_f32_a"],
  ["sin", "sin_f32_a"],
  ["cos", "cos_f32_a"],
  ["floor", "floor_f32_a"],
  ["ceil", "ceil_f32_a"],
  ["round", "round_f32_a"],
  ["floorDiv", "floor_div_f32_a"],
  ["floorMod", "floor_mod_f32_a"],
  ["equal", "equal_i8_same equal_f32_same"],
  ["notEqual", "not_equal_i8_same not_equal_f32_same"],
  ["less", "less_i8_same less_f32_same"],
  ["lessEqual", "less_equal_i8_same less_equal_f32_same"],
  ["logicalAnd", "logical_and_bool_a"],
  ["logicalOr", "logical_or_bool_a"],
  ["logicalNot", "logical_not_bool_a"],
  ["where", "select_v2_i8_same select_v2_f32_same"],
  ["addN", "add_n_i8_3 add_n_f32_3"],
  [
    "cast",
    "cast_i8_f32_a cast_f32_i8_a cast_i8_i32_a cast_i32_f32_a cast_f32_i32_a cast_i16_f32_a cast_i8_i16_a cast_bool_f32_a cast_f32_i16_a cast_i32_i16_a cast_bool_i8_a cast_i16_i8_a cast_i32_i8_a cast_i16_i32_a",
  ],
  [
    "quantize",
    "quantize_f32_i16_a quantize_f32_i16_zp quantize_i8_i16_a quantize_i16_i8_a quantize_i16_i8_sat quantize_i16_i16_a quantize_i16_i16_same quantize_i8_i32_a quantize_i16_i32_a quantize_i32_i8_a quantize_i32_i16_a quantize_u8_i8_a quantize_i8_u8_a",
  ],
];

const DTYPES: Readonly<Record<string, DType>> = {
  INT8: "i8",
  UINT8: "u8",
  INT16: "i16",
  INT32: "i32",
  BOOL: "bool",
  FLOAT32: "f32",
};
const typeOf = ({ shape, dtype, quant }: GoldenTensor): TensorType => ({
  dtype: DTYPES[dtype]!,
  shape,
  ...(quant ? { quant: { scale: [quant.scale], zeroPoint: [quant.zero_point] } } : {}),
});

/** quantize and dequantize repeat quantizations as attributes. */
function conversionAttrs(op: string, x: TensorType, y: TensorType): Attrs {
  const [qx, qy] = [x.quant, y.quant];
  if (op === "dequantize") return { scale: qx!.scale[0]!, zeroPoint: qx!.zeroPoint[0]! };
  if (op === "cast") return { dtype: y.dtype };
  if (op !== "quantize") return {};
  const from = qx ? { fromScale: qx.scale[0]!, fromZeroPoint: qx.zeroPoint[0]! } : {};
  return { scale: qy!.scale[0]!, zeroPoint: qy!.zeroPoint[0]!, dtype: y.dtype, ...from };
}

/** f32 kernels have their own transcendentals: within 1e-6 of the peak. */
function expectNear(got: Float32Array, want: Float32Array, message: string): void {
  const peak = Math.max(...want.map(Math.abs), 1e-30);
  want.forEach((w, i) => expect(Math.abs(got[i]! - w), `${message} [${i}]`).toBeLessThanOrEqual(1e-6 * peak));
}

const record = (npy: { data: TypedArray }, n: number, size: number): TypedArray =>
  npy.data.slice(n * size, (n + 1) * size);

const wasm = await compileWasm([...new Set(CASES.map(([op]) => op))]);

for (const [op, names, attrs] of CASES)
  for (const name of names.split(" "))
    test(`${name} gives TensorFlow Lite Micro's bytes`, () => {
      const definition = definitions.get(op)!;
      const golden = goldens.find((g) => g.name === name)!;
      const [types, [out]] = [golden.inputs.map(typeOf), golden.outputs.map(typeOf)];
      const all: Attrs = { ...definition.attrs, ...conversionAttrs(definition.name, types[0]!, out!), ...attrs };
      expect(definition.infer(types, all)[0]!.shape).toEqual(out!.shape);
      const lowered = lowerSample(definition, types, [out!], all);
      const files = golden.inputs.map((_, i) => readNpy(`${folder}${name}/in${i}.npy`));
      const want = readNpy(`${folder}${name}/out0.npy`);
      for (let n = 0; n < golden.N; n++) {
        const inputs = files.map((f, i) => record(f, n, elements(types[i]!.shape)));
        const [got] = runWasm(wasm, { name, lowered, inputs, outputs: [out!] }, 1, true);
        const expected = record(want, n, elements(out!.shape)) as Float32Array;
        if (out!.dtype === "f32") expectNear(got as Float32Array, expected, `record ${n}`);
        else expect(Array.from(got as Int8Array), `record ${n}`).toEqual(Array.from(expected));
      }
    });
