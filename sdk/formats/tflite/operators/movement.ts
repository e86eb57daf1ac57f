/** Data movement, reductions to extremes, softmax and norms: gathers, resizes, pads, strides, space and depth. */
import { argMax } from "../../../../kernels/argMax/argMax.ts";
import { argMin } from "../../../../kernels/argMin/argMin.ts";
import { broadcastTo } from "../../../../kernels/broadcastTo/broadcastTo.ts";
import { l2Pool2d } from "../../../../kernels/composites/l2Pool2d.ts";
import { mirrorPad } from "../../../../kernels/composites/mirrorPad.ts";
import { reverse } from "../../../../kernels/composites/reverse.ts";
import { batchToSpace, depthToSpace, spaceToBatch, spaceToDepth } from "../../../../kernels/composites/space.ts";
import { tile } from "../../../../kernels/composites/tile.ts";
import { scalar } from "../../../../kernels/constant.ts";
import { cumsum } from "../../../../kernels/cumsum/cumsum.ts";
import { gather } from "../../../../kernels/gather/gather.ts";
import { gatherNd } from "../../../../kernels/gatherNd/gatherNd.ts";
import { l2Normalization } from "../../../../kernels/l2Normalization/l2Normalization.ts";
import { logSoftmax } from "../../../../kernels/logSoftmax/logSoftmax.ts";
import { sameQuant } from "../../../../kernels/loops/carry.ts";
import type { Tensor } from "../../../../kernels/op.ts";
import { pad } from "../../../../kernels/pad/pad.ts";
import { reduceMax } from "../../../../kernels/reduceMax/reduceMax.ts";
import { reduceMin } from "../../../../kernels/reduceMin/reduceMin.ts";
import { relu } from "../../../../kernels/relu/relu.ts";
import { relu6 } from "../../../../kernels/relu6/relu6.ts";
import { resizeBilinear } from "../../../../kernels/resizeBilinear/resizeBilinear.ts";
import { resizeNearestNeighbor } from "../../../../kernels/resizeNearestNeighbor/resizeNearestNeighbor.ts";
import { slice } from "../../../../kernels/slice/slice.ts";
import { softmax } from "../../../../kernels/softmax/softmax.ts";
import { stridedSlice } from "../../../../kernels/stridedSlice/stridedSlice.ts";
import { sub } from "../../../../kernels/sub/sub.ts";
import { type TfliteCall, type TfliteOperator, type TfliteTable, typed, view } from "../operator.ts";
import { axisArgument, paddingOf, pairOf } from "./arguments.ts";

export const movement = {
  PAD: padded,
  PADV2: padded,
  // MirrorPadOptions: 0 mode.
  MIRROR_PAD: (call) => {
    const mode = call.options.byte(0) === 0 ? "reflect" : "symmetric";
    return [typed(mirrorPad(moved(call), { paddings: call.constant(1), mode, name: call.name }), call.outputs[0]!)];
  },
  STRIDED_SLICE: strided,
  REVERSE_V2: (call) => [typed(reverse(moved(call), { axes: call.constant(1), name: call.name }), call.outputs[0]!)],
  BROADCAST_TO: (call) => {
    const out = call.outputs[0]!;
    return [typed(broadcastTo(moved(call), { shape: out.shape, name: call.name }), out)];
  },
  TILE: (call) => [typed(tile(moved(call), { multiples: call.constant(1), name: call.name }), call.outputs[0]!)],

  // GatherOptions: 0 axis, 1 batch_dims.
  GATHER: (call) => {
    const attrs = { axis: call.options.int(0), batchDims: call.options.int(1), name: call.name };
    return [typed(gather(moved(call), call.input(1), attrs), call.outputs[0]!)];
  },
  GATHER_ND: (call) => [typed(gatherNd(moved(call), call.input(1), { name: call.name }), call.outputs[0]!)],

  // ResizeNearestNeighborOptions: 0 align_corners, 1 half_pixel_centers.
  RESIZE_NEAREST_NEIGHBOR: resized(resizeNearestNeighbor, 0),
  // ResizeBilinearOptions: 2 align_corners, 3 half_pixel_centers.
  RESIZE_BILINEAR: resized(resizeBilinear, 2),

  // DepthToSpaceOptions, SpaceToDepthOptions: 0 block_size.
  DEPTH_TO_SPACE: (call) => [
    typed(depthToSpace(moved(call), { block: call.options.int(0), name: call.name }), call.outputs[0]!),
  ],
  SPACE_TO_DEPTH: (call) => [
    typed(spaceToDepth(moved(call), { block: call.options.int(0), name: call.name }), call.outputs[0]!),
  ],
  SPACE_TO_BATCH_ND: (call) => {
    // TensorFlow Lite Micro pads with code 0, not with the code of 0.
    const attrs = { block: call.constant(1), paddings: call.constant(2), value: realOf(call, 0), name: call.name };
    return [typed(spaceToBatch(moved(call), attrs), call.outputs[0]!)];
  },
  BATCH_TO_SPACE_ND: (call) => {
    const attrs = { block: call.constant(1), crops: call.constant(2), name: call.name };
    return [typed(batchToSpace(moved(call), attrs), call.outputs[0]!)];
  },

  REDUCE_MAX: extreme(reduceMax),
  REDUCE_MIN: extreme(reduceMin),
  ARG_MAX: indexed(argMax),
  ARG_MIN: indexed(argMin),
  // CumsumOptions: 0 exclusive, 1 reverse.
  CUMSUM: (call) => {
    const x = call.input(0);
    const attrs = {
      axis: axisArgument(call, call.constant(1)[0] ?? Number.NaN, x.shape.length),
      exclusive: call.options.bool(0),
      reverse: call.options.bool(1),
      name: call.name,
    };
    return [typed(cumsum(x, attrs), call.outputs[0]!)];
  },

  // SoftmaxOptions: 0 beta.
  SOFTMAX: (call) => {
    const [x, out] = [call.input(0), call.outputs[0]!];
    const to = x.dtype === "i8" && out.dtype === "i16" ? "i16" : "same";
    const codes = `${x.dtype} to ${out.dtype}`;
    const [scale, zeroPoint] = SOFTMAX_OUTPUTS[codes] ?? call.refuse(codes, Object.keys(SOFTMAX_OUTPUTS).join(", "));
    fixedOutput(call, scale, zeroPoint);
    return [typed(softmax(x, { beta: call.options.float(0), to, name: call.name }), out)];
  },
  LOG_SOFTMAX: (call) => {
    fixedOutput(call, 1 / 16, 127);
    return [typed(logSoftmax(call.input(0), { name: call.name }), call.outputs[0]!)];
  },
  // L2NormOptions: 0 activation. The int8 kernel's output has scale 1/128, whatever the file says.
  L2_NORMALIZATION: (call) => {
    if (call.activation(0) !== "none") call.refuse("a fused activation", "none");
    return [typed(l2Normalization(call.input(0), { name: call.name }), call.outputs[0]!)];
  },
  // Pool2DOptions: 0 padding, 1 stride_w, 2 stride_h, 3 filter_width, 4 filter_height, 5 activation.
  L2_POOL_2D: (call) => {
    const x = call.input(0);
    if (x.dtype !== "f32") call.refuse(`${x.dtype} values`, "f32");
    const activation = call.activation(5);
    const attrs = { padding: paddingOf(call, 0), strides: pairOf(call, 2, 1), size: pairOf(call, 4, 3) };
    const pooled = l2Pool2d(x, { ...attrs, name: call.name });
    return [typed(clampPositive(pooled, activation, call.name), call.outputs[0]!)];
  },
} as const satisfies TfliteTable;

/** Input 0 with the quantization of the output: moves copy codes, whatever a file says that they mean. */
function moved(call: TfliteCall): Tensor {
  const [x, { quant }] = [call.input(0), call.outputs[0]!];
  if (!quant || sameQuant(x.type.quant, quant)) return x;
  return view(x, { ...x.type, quant }, `${call.name}/codes`);
}

/** PAD and PADV2; the value of the third input is a code of the output's quantization. */
function padded(call: TfliteCall): readonly Tensor[] {
  const value = call.inputs[2] ? realOf(call, call.constant(2)[0] ?? 0) : 0;
  return [typed(pad(moved(call), { paddings: call.constant(1), value, name: call.name }), call.outputs[0]!)];
}

/** What a code of the output means. */
function realOf(call: TfliteCall, code: number): number {
  const { quant } = call.outputs[0]!;
  return quant ? (code - quant.zeroPoint[0]!) * quant.scale[0]! : code;
}

function resized(op: typeof resizeBilinear, firstField: number): TfliteOperator {
  return (call) => {
    const out = call.outputs[0]!;
    const attrs = {
      size: call.constant(1),
      alignCorners: call.options.bool(firstField),
      halfPixelCenters: call.options.bool(firstField + 1),
      name: call.name,
    };
    return [typed(op(moved(call), attrs), out)];
  };
}

// ReducerOptions: 0 keep_dims.
function extreme(op: typeof reduceMax): TfliteOperator {
  return (call) => {
    const attrs = { axes: call.constant(1), keepDims: call.options.bool(0), name: call.name };
    return [typed(op(moved(call), attrs), call.outputs[0]!)];
  };
}

function indexed(op: typeof argMax): TfliteOperator {
  return (call) => {
    const [x, out] = [call.input(0), call.outputs[0]!];
    if (out.dtype !== "i32") call.refuse(`indices of ${out.dtype}`, "i32");
    const axis = axisArgument(call, call.constant(1)[0] ?? Number.NaN, x.shape.length);
    return [typed(op(x, { axis, name: call.name }), out)];
  };
}

/** Scale and zero point that the softmax kernels write; f32 has none. */
const SOFTMAX_OUTPUTS: Readonly<Record<string, readonly [scale: number, zeroPoint: number]>> = {
  "f32 to f32": [0, 0],
  "i8 to i8": [1 / 256, -128],
  "i8 to i16": [1 / 65536, -32768],
  "i16 to i16": [1 / 32768, 0],
};

/** Refuses another quantization of the output than the one that the kernel writes; a thousandth of the scale is free. */
function fixedOutput(call: TfliteCall, scale: number, zeroPoint: number): void {
  const { dtype, quant } = call.outputs[0]!;
  if (dtype === "f32") return;
  const [s, z] = [quant?.scale[0] ?? 0, quant?.zeroPoint[0]];
  if (Math.abs(s - scale) > scale / 1000 || z !== zeroPoint)
    call.refuse(`an output of scale ${s} and zero point ${z}`, `scale ${scale} and zero point ${zeroPoint}`);
}

/** An activation of values that are not negative. */
function clampPositive(x: Tensor, activation: string, name: string): Tensor {
  if (activation === "relu6") return relu6(x, { name: `${name}/relu6` });
  if (activation !== "reluN1To1") return x;
  // min(x, 1) = 1 - relu(1 - x)
  const below = relu(sub(scalar(1), x, { name: `${name}/below` }), { name: `${name}/relu` });
  return sub(scalar(1), below, { name: `${name}/clamped` });
}

// StridedSliceOptions: masks, a bit a dimension: 0 begin, 1 end, 2 ellipsis, 3 new_axis, 4 shrink_axis; 5 offset.
function strided(call: TfliteCall): readonly Tensor[] {
  const [x, out] = [moved(call), call.outputs[0]!];
  const [begins, ends, steps] = [call.constant(1), call.constant(2), call.constant(3)];
  const rank = x.shape.length;
  if (begins.length !== ends.length || begins.length !== steps.length || begins.length > rank)
    call.refuse(`${begins.length} begins, ${ends.length} ends, ${steps.length} strides`, `as many, at most ${rank}`);
  if (call.options.int(2) !== 0) call.refuse("ellipsis_mask set", "not set");
  if (call.options.int(3) !== 0) call.refuse("new_axis_mask set", "not set");
  if (call.options.byte(5) !== 0) call.refuse("offset set", "not set");
  const set = (field: number, d: number): boolean => d >= begins.length || ((call.options.int(field) >> d) & 1) === 1;
  const ranges = x.shape.map((dim, d) => {
    const step = steps[d] ?? 1;
    if (step === 0) call.refuse(`stride 0 in dimension ${d}`, "another");
    // Indices from the end, held inside; walking backwards, -1 is before the first.
    const [least, most] = step > 0 ? [0, dim] : [-1, dim - 1];
    const inside = (v: number): number => Math.min(Math.max(v < 0 ? v + dim : v, least), most);
    const begin = set(0, d) ? (step > 0 ? 0 : dim - 1) : inside(begins[d]!);
    const shrinks = d < begins.length && set(4, d);
    const end = set(1, d) ? (step > 0 ? dim : -1) : inside(ends[d]!);
    return { begin, size: shrinks ? 1 : Math.ceil((end - begin) / step), step: shrinks ? 1 : step };
  });
  const empty = ranges.findIndex(({ size }) => size < 1);
  if (empty >= 0) call.refuse(`nothing left of dimension ${empty}`, "at least one value");
  const begin = ranges.map((r) => r.begin);
  const size = ranges.map((r) => r.size);
  const whole = ranges.every(({ step }) => step === 1);
  const box = whole
    ? slice(x, { begin, size, name: call.name })
    : stridedSlice(x, { begin, size, strides: ranges.map((r) => r.step), name: call.name });
  return [typed(box, out)];
}
