/** int8 kernels against TensorFlow Lite Micro's bytes: the cases whose operands and attributes index.json tells. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { add } from "../kernels/add/add.ts";
import { broadcastTo } from "../kernels/broadcastTo/broadcastTo.ts";
import { concat } from "../kernels/concat/concat.ts";
import { dequantize } from "../kernels/dequantize/dequantize.ts";
import { mean } from "../kernels/mean/mean.ts";
import { mul } from "../kernels/mul/mul.ts";
import type { Attrs, DType, OpDefinition, TensorType, TypedArray } from "../kernels/op.ts";
import { elements } from "../kernels/op.ts";
import { quantize } from "../kernels/quantize/quantize.ts";
import { relu } from "../kernels/relu/relu.ts";
import { relu6 } from "../kernels/relu6/relu6.ts";
import { softmax } from "../kernels/softmax/softmax.ts";
import { sub } from "../kernels/sub/sub.ts";
import { sum } from "../kernels/sum/sum.ts";
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

const OPS = { add, broadcastTo, concat, dequantize, mean, mul, quantize, relu, relu6, softmax, sub, sum };
const definitions: ReadonlyMap<string, OpDefinition<Attrs>> = new Map(
  Object.values(OPS).map((op) => [op.definition.name, op.definition as OpDefinition<Attrs>]),
);

const relu6Attrs: Attrs = { activation: "relu6" };
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
  ["dequantize", "dequantize_i8_f32_a"],
];

const DTYPES: Readonly<Record<string, DType>> = { INT8: "i8", FLOAT32: "f32" };
const typeOf = ({ shape, dtype, quant }: GoldenTensor): TensorType => ({
  dtype: DTYPES[dtype]!,
  shape,
  ...(quant ? { quant: { scale: [quant.scale], zeroPoint: [quant.zero_point] } } : {}),
});

/** quantize and dequantize repeat quantizations as attributes. */
function conversionAttrs(op: string, x: TensorType, y: TensorType): Attrs {
  const [qx, qy] = [x.quant, y.quant];
  if (op === "dequantize") return { scale: qx!.scale[0]!, zeroPoint: qx!.zeroPoint[0]! };
  if (op !== "quantize") return {};
  const from = qx ? { fromScale: qx.scale[0]!, fromZeroPoint: qx.zeroPoint[0]! } : {};
  return { scale: qy!.scale[0]!, zeroPoint: qy!.zeroPoint[0]!, ...from };
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
        expect(Array.from(got as Int8Array), `record ${n}`).toEqual(
          Array.from(record(want, n, elements(out!.shape)) as Int8Array),
        );
      }
    });
