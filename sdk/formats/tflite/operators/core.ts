/** Pools, arithmetic, reductions, shapes: the operators that nearly every model has. */
import { add } from "../../../../kernels/add/add.ts";
import { averagePool2d } from "../../../../kernels/averagePool2d/averagePool2d.ts";
import { concat } from "../../../../kernels/concat/concat.ts";
import { dequantize } from "../../../../kernels/dequantize/dequantize.ts";
import { maxPool2d } from "../../../../kernels/maxPool2d/maxPool2d.ts";
import { mean } from "../../../../kernels/mean/mean.ts";
import { mul } from "../../../../kernels/mul/mul.ts";
import { elements, type Op, type Quant, type Tensor } from "../../../../kernels/op.ts";
import { quantize } from "../../../../kernels/quantize/quantize.ts";
import { relu } from "../../../../kernels/relu/relu.ts";
import { relu6 } from "../../../../kernels/relu6/relu6.ts";
import { slice } from "../../../../kernels/slice/slice.ts";
import { sub } from "../../../../kernels/sub/sub.ts";
import { sum } from "../../../../kernels/sum/sum.ts";
import { transpose } from "../../../../kernels/transpose/transpose.ts";
import { constant } from "../../../graph/leaves.ts";
import { type TfliteCall, type TfliteOperator, type TfliteTable, typed, view } from "../operator.ts";
import { axisArgument, paddingOf, pairOf } from "./arguments.ts";

export const core = {
  AVERAGE_POOL_2D: pool(averagePool2d),
  MAX_POOL_2D: pool(maxPool2d),

  ADD: arithmetic(add),
  SUB: arithmetic(sub),
  MUL: arithmetic(mul),
  RELU: (call) => [typed(relu(call.input(0), { name: call.name }), call.outputs[0]!)],
  RELU6: (call) => [typed(relu6(call.input(0), { name: call.name }), call.outputs[0]!)],
  MEAN: reduce(mean),
  SUM: reduce(sum),

  QUANTIZE: (call) => {
    const [x, out] = [call.input(0), call.outputs[0]!];
    const to = perTensor(call, out.quant, "the output");
    const from = x.dtype === "f32" ? undefined : perTensor(call, x.type.quant, "the input");
    const attrs = {
      ...to,
      fromScale: from?.scale ?? 0,
      fromZeroPoint: from?.zeroPoint ?? 0,
      dtype: out.dtype,
      name: call.name,
    };
    return [typed(quantize(x, attrs), out)];
  },
  DEQUANTIZE: (call) => {
    const x = call.input(0);
    const from = perTensor(call, x.type.quant, "the input");
    return [typed(dequantize(x, { ...from, name: call.name }), call.outputs[0]!)];
  },

  // New shapes are those that the file declares for the output: they must be fixed anyway.
  RESHAPE: reshaped,
  SQUEEZE: reshaped,
  EXPAND_DIMS: reshaped,
  SHAPE: (call) => {
    const { shape } = call.input(0);
    const out = call.outputs[0]!;
    if (out.dtype !== "i32" && out.dtype !== "i64") call.refuse(`an output of ${out.dtype}`, "i32 or i64");
    const data = out.dtype === "i64" ? BigInt64Array.from(shape, BigInt) : Int32Array.from(shape);
    return [constant(data, [shape.length], { name: call.name })];
  },
  TRANSPOSE: (call) => [
    typed(transpose(call.input(0), { order: call.constant(1), name: call.name }), call.outputs[0]!),
  ],
  // ConcatenationOptions: 0 axis, 1 activation.
  CONCATENATION: (call) => {
    if (call.activation(1) !== "none") call.refuse("a fused activation", "none");
    const { dtype, quant } = call.outputs[0]!;
    const inputs = call.inputs.map((_, i) => {
      const x = call.input(i);
      // Codes of int16 are copied, whatever scale a file gives them.
      const copied = dtype === "i16" && quant !== undefined && quant.scale[0] !== x.type.quant?.scale[0];
      return copied ? view(x, { ...x.type, quant }, `${call.name}/${i}`) : x;
    });
    return [
      typed(
        concatAll(call, inputs, axisArgument(call, call.options.int(0), inputs[0]?.shape.length ?? 0)),
        call.outputs[0]!,
      ),
    ];
  },
  // PackOptions: 0 values_count, 1 axis.
  PACK: (call) => {
    const axis = axisArgument(call, call.options.int(1), call.outputs[0]!.shape.length);
    const inputs = call.inputs.map((_, i) => {
      const x = call.input(i);
      const shape = [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)];
      // Codes are copied, whatever scale a file gives them.
      return view(x, { ...call.outputs[0]!, dtype: x.dtype, shape }, `${call.name}/${i}`);
    });
    return [typed(concatAll(call, inputs, axis), call.outputs[0]!)];
  },
  // UnpackOptions: 0 num, 1 axis.
  UNPACK: (call) => {
    const x = call.input(0);
    const axis = axisArgument(call, call.options.int(1), x.shape.length);
    return call.outputs.map((out, i) => typed(boxOf(call, x, axis, i, 1, i), out));
  },
  SPLIT: (call) => {
    const x = call.input(1);
    const axis = axisArgument(call, call.constant(0)[0]!, x.shape.length);
    const each = x.shape[axis]! / call.outputs.length;
    return call.outputs.map((out, i) => typed(boxOf(call, x, axis, i * each, each, i), out));
  },
  SPLIT_V: (call) => {
    const x = call.input(0);
    const axis = axisArgument(call, call.constant(2)[0]!, x.shape.length);
    let start = 0;
    return call.outputs.map((out, i) => {
      // The sizes that the file declares for the outputs: one of the operand may be -1, what is left.
      const size = out.shape[axis] ?? 0;
      start += size;
      return typed(boxOf(call, x, axis, start - size, size, i), out);
    });
  },
  SLICE: (call) => {
    const [begin, size] = [call.constant(1), call.constant(2)];
    return [typed(slice(call.input(0), { begin, size, name: call.name }), call.outputs[0]!)];
  },
} as const satisfies TfliteTable;

type Attrs = { readonly activation: string };

// Pool2DOptions: 0 padding, 1 stride_w, 2 stride_h, 3 filter_width, 4 filter_height, 5 activation.
function pool(op: typeof averagePool2d): TfliteOperator {
  return (call) => {
    const attrs = {
      padding: paddingOf(call, 0),
      strides: pairOf(call, 2, 1),
      size: pairOf(call, 4, 3),
      activation: call.activation(5),
      name: call.name,
    };
    return [typed(op(call.input(0), attrs), call.outputs[0]!)];
  };
}

// AddOptions, SubOptions, MulOptions: 0 activation.
function arithmetic(op: Op<[a: Tensor, b: Tensor], Attrs>): TfliteOperator {
  return (call) => [
    typed(op(call.input(0), call.input(1), { activation: call.activation(0), name: call.name }), call.outputs[0]!),
  ];
}

// ReducerOptions: 0 keep_dims.
function reduce(op: typeof mean): TfliteOperator {
  return (call) => {
    const attrs = { axes: call.constant(1), keepDims: call.options.bool(0), name: call.name };
    return [typed(op(call.input(0), attrs), call.outputs[0]!)];
  };
}

function reshaped(call: TfliteCall): readonly Tensor[] {
  const [x, out] = [call.input(0), call.outputs[0]!];
  if (x.dtype !== out.dtype || elements(x.shape) !== elements(out.shape))
    call.refuse(
      `${x.dtype}[${x.shape.join(",")}] as ${out.dtype}[${out.shape.join(",")}]`,
      "as many values of one dtype",
    );
  return [view(x, out, call.name)];
}

/** The box of `size` from `start` along `axis`. */
function boxOf(call: TfliteCall, x: Tensor, axis: number, start: number, size: number, part: number): Tensor {
  const along = (at: number, others: (d: number) => number): readonly number[] =>
    x.shape.map((d, i) => (i === axis ? at : others(d)));
  const box = slice(x, { begin: along(start, () => 0), size: along(size, (d) => d), name: `${call.name}/${part}` });
  return typed(box, { ...x.type, shape: box.shape });
}

/** concat takes a fixed number of inputs; longer lists are concatenated in turn. */
function concatAll(call: TfliteCall, inputs: readonly Tensor[], axis: number): Tensor {
  const most = 8;
  if (inputs.length <= most) return concat(...inputs, { axis, name: call.name });
  const head = concat(...inputs.slice(0, most), { axis, name: `${call.name}/${inputs.length}` });
  const { quant } = call.outputs[0]!;
  const kept = typed(head, quant ? { ...head.type, quant } : head.type);
  return concatAll(call, [kept, ...inputs.slice(most)], axis);
}

/** Quantization of one scale, as attributes. */
function perTensor(call: TfliteCall, quant: Quant | undefined, what: string): { scale: number; zeroPoint: number } {
  if (quant?.scale.length !== 1) return call.refuse(`${what} has ${quant?.scale.length ?? 0} scales`, "one");
  return { scale: quant.scale[0]!, zeroPoint: quant.zeroPoint[0]! };
}
