/** Products and recurrences: convolutions, fully connected layers, batched products. */
import { batchMatmul } from "../../../../kernels/batchMatmul/batchMatmul.ts";
import { conv2d } from "../../../../kernels/conv2d/conv2d.ts";
import { dense } from "../../../../kernels/dense/dense.ts";
import { depthwiseConv2d } from "../../../../kernels/depthwiseConv2d/depthwiseConv2d.ts";
import { lstm } from "../../../../kernels/lstm/lstm.ts";
import { elements, showShape, showType, type Tensor, type TypedArray } from "../../../../kernels/op.ts";
import { svdf } from "../../../../kernels/svdf/svdf.ts";
import { transposeConv } from "../../../../kernels/transposeConv/transposeConv.ts";
import { constant } from "../../../graph/leaves.ts";
import { type TfliteCall, type TfliteTable, typed, typedAll, view } from "../operator.ts";
import { paddingOf, pairOf } from "./arguments.ts";

/** TensorType INT32, as quantized_bias_type states it. */
const INT32 = 2;
/** ActivationFunctionType TANH. */
const TANH = 4;

export const matrix = {
  // Conv2DOptions: 0 padding, 1 stride_w, 2 stride_h, 3 activation, 4 dilation_w, 5 dilation_h, 6 quantized_bias_type.
  CONV_2D: (call) => {
    const [x, w] = [call.input(0), weightsOf(call, 1)];
    const attrs = {
      padding: paddingOf(call, 0),
      strides: pairOf(call, 2, 1),
      dilations: pairOf(call, 5, 4, 1),
      activation: call.activation(3),
      name: call.name,
    };
    return [typed(conv2d(x, w, biasOf(call, w.shape[0]!, 6), attrs), call.outputs[0]!)];
  },
  // DepthwiseConv2DOptions: as above with 3 depth_multiplier before the activation; the multiplier follows from shapes.
  DEPTHWISE_CONV_2D: (call) => {
    const attrs = {
      padding: paddingOf(call, 0),
      strides: pairOf(call, 2, 1),
      dilations: pairOf(call, 6, 5, 1),
      activation: call.activation(4),
      name: call.name,
    };
    const bias = wideBias(call, call.inputs[2], "bias");
    return [typed(depthwiseConv2d(call.input(0), weightsOf(call, 1), bias, attrs), call.outputs[0]!)];
  },
  // FullyConnectedOptions: 0 activation, 1 weights_format, 2 keep_num_dims, 3 asymmetric_quantize_inputs,
  // 4 quantized_bias_type. Whatever the dimensions of x, rows of as many values as the weights have are multiplied.
  FULLY_CONNECTED: (call) => {
    const [x, w] = [call.input(0), weightsOf(call, 1)];
    if (call.options.byte(1) !== 0) call.refuse("shuffled weights", "the default weights format");
    const k = w.shape.at(-1) ?? 0;
    const rows = elements(x.shape) / k;
    if (!Number.isInteger(rows))
      call.refuse(`${showType(x.type)} for weights of ${k} inputs`, `a multiple of ${k} values`);
    const flat = x.shape.at(-1) === k ? x : view(x, { ...x.type, shape: [rows, k] }, `${call.name}/flat`);
    const attrs = { activation: call.activation(0), name: call.name };
    return [typed(dense(flat, w, biasOf(call, w.shape[0]!, 4), attrs), call.outputs[0]!)];
  },
  // Inputs: output shape, weights, x, bias. TransposeConvOptions: 0 padding, 1 stride_w, 2 stride_h, 3 activation.
  TRANSPOSE_CONV: (call) => {
    const [x, out] = [call.input(2), call.outputs[0]!];
    const attrs = {
      padding: paddingOf(call, 0),
      strides: pairOf(call, 2, 1),
      size: out.shape.slice(1, 3),
      activation: call.activation(3),
      name: call.name,
    };
    const bias = x.dtype === "i16" ? wideBias(call, call.inputs[3], "bias") : call.inputs[3];
    return [typed(transposeConv(x, weightsOf(call, 1), bias, attrs), out)];
  },
  // BatchMatMulOptions: 0 adj_x, 1 adj_y.
  BATCH_MATMUL: (call) => {
    const attrs = { transposeA: call.options.bool(0), transposeB: call.options.bool(1), name: call.name };
    return [typed(batchMatmul(call.input(0), call.input(1), attrs), call.outputs[0]!)];
  },
  // Inputs: x, feature weights, time weights, bias, state. SVDFOptions: 0 rank, 1 activation.
  SVDF: (call) => {
    const state = call.input(4);
    const attrs = { rank: call.options.int(0), activation: call.activation(1), name: call.name };
    const [x, feature, time] = [call.input(0), weightsOf(call, 1), weightsOf(call, 2)];
    const [y, next] = typedAll(svdf(x, feature, time, state, call.inputs[3], attrs), [call.outputs[0]!, state.type]);
    call.update(state, next!);
    return [y!];
  },
  // Inputs: 0 x, 1-4 input weights, 5-8 recurrent weights, 9-11 peepholes, 12-15 biases, 16-17 projection, 18 hidden
  // state, 19 cell state, 20-23 normalization; gates in the order input, forget, cell, output.
  // UnidirectionalSequenceLSTMOptions: 0 activation, 1 cell_clip, 2 proj_clip, 3 time_major.
  UNIDIRECTIONAL_SEQUENCE_LSTM: (call) => {
    const variants = { "peephole weights": [9, 10, 11], projection: [16, 17], normalization: [20, 21, 22, 23] };
    for (const [what, inputs] of Object.entries(variants))
      if (inputs.some((i) => call.inputs[i])) call.refuse(what, "an LSTM without");
    if (call.options.byte(0) !== TANH) call.refuse(`activation ${call.options.byte(0)}`, "tanh (4)");
    const [hidden, cell] = [call.input(18), call.input(19)];
    const attrs = { cellClip: call.options.float(1), timeMajor: call.options.bool(3), name: call.name };
    const outputs = lstm(
      call.input(0),
      stacked(call, [1, 2, 3, 4], "w"),
      stacked(call, [5, 6, 7, 8], "r"),
      stacked(call, [12, 13, 14, 15], "bias"),
      hidden,
      cell,
      attrs,
    );
    const [y, hiddenNext, cellNext] = typedAll(outputs, [call.outputs[0]!, hidden.type, cell.type]);
    call.update(hidden, hiddenNext!);
    call.update(cell, cellNext!);
    return [y!];
  },
} as const satisfies TfliteTable;

/** Constants of the four gates as one, [4, ...shape], a scale a gate. */
function stacked(call: TfliteCall, inputs: readonly number[], what: string): Tensor {
  const tensors = inputs.map((i) => call.input(i));
  const [first] = tensors;
  if (tensors.some((t) => t.dtype !== first!.dtype || showShape(t.shape) !== showShape(first!.shape)))
    call.refuse(`${tensors.map((t) => showType(t.type)).join(", ")} for the gates`, "one type for all four");
  const data = inputs.map((i) => call.constantData(i));
  const all = new (first!.node.data!.constructor as new (length: number) => TypedArray)(data[0]!.length * data.length);
  data.forEach((part, g) => {
    for (let i = 0; i < part.length; i++) all[g * part.length + i] = part[i]!;
  });
  const shape = [inputs.length, ...first!.shape];
  const quants = tensors.map((t) => t.type.quant);
  if (what === "bias" || quants.some((q) => !q)) return constant(all, shape, { name: `${call.name}/${what}` });
  if (quants.some((q) => q!.scale.length !== 1 || q!.zeroPoint[0] !== 0))
    call.refuse(`${what} with several scales or a zero point`, "symmetric weights with one scale a gate");
  const quant = { scale: quants.map((q) => q!.scale[0]!), zeroPoint: quants.map(() => 0), axis: 0 };
  return constant(all, shape, { name: `${call.name}/${what}`, quant });
}

/** Input `index`, which must be symmetric where it is quantized. */
function weightsOf(call: TfliteCall, index: number): Tensor {
  const w = call.input(index);
  const zeroPoint = w.type.quant?.zeroPoint.find((z) => z !== 0);
  return zeroPoint === undefined ? w : call.refuse(`weights with zero point ${zeroPoint}`, "symmetric weights");
}

/**
 * Input 2, or what its absence means: int16 operators choose their accumulators by the bias' dtype, which a missing
 * bias leaves to the option `quantized_bias_type`; zeros of that type say the same.
 */
function biasOf(call: TfliteCall, channels: number, biasType: number): Tensor | undefined {
  const bias = call.inputs[2];
  if (bias || call.input(0).dtype !== "i16" || call.options.byte(biasType) !== INT32) return bias;
  return constant(new Int32Array(channels), [channels], { name: `${call.name}/bias` });
}

/** Operators that always sum int16 products in 64 bits take biases of any integer type. */
function wideBias(call: TfliteCall, bias: Tensor | undefined, what: string): Tensor | undefined {
  if (!bias || bias.dtype === "i64" || bias.dtype === "f32" || call.inputs.every((t) => t?.dtype !== "i16"))
    return bias;
  const data = bias.node.data ?? call.refuse(`a computed ${what}`, "a constant");
  return constant(
    BigInt64Array.from(data as Int32Array, (v) => BigInt(v)),
    bias.shape,
    { name: bias.node.name },
  );
}
