/** SIMD lowering (pairdot, dot4) of int8 conv2d: bands of widened rows, or pixels alone where the kernel is 1 x 1. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, type Geometry, geometryOf } from "../conv/geometry.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";
import { imageScratch, packRuns, requantizeFloat, type SimdFormat } from "../pack-simd.ts";

/** Widened values that a band holds at most, and output pixels that it has at least, where one row has fewer. */
const BAND_ELEMENTS = 8192;
const BAND_PIXELS = 32;

/** undefined: a shape or scale that the exact kernel takes. */
export function lowerSimd(call: LowerCall<ConvAttrs>, format: SimdFormat): Lowered | undefined {
  const { inputs, outputs, attrs, constant } = call;
  const [x, w, bias] = inputs;
  const geometry = geometryOf("conv2d", x!.shape, w!.shape.slice(1, 3), attrs);
  const [oc, kh, kw, ic] = w!.shape as readonly [number, number, number, number];
  const width = (geometry.w.output - 1) * geometry.w.stride + kw;
  if ((kw > 1 && geometry.w.dilation !== 1) || geometry.w.before > width || ic !== x!.shape[3]) return undefined;
  const weights = constant(1) as Int8Array;
  const depth = kh * kw * ic;
  const requantized = requantizeFloat(
    [x!, w!, outputs[0]!],
    bias && (constant(2) as Int32Array),
    (c) => weights.subarray(c * depth, (c + 1) * depth),
    oc,
    quantizedBounds(attrs.activation, quantOf(outputs[0]!)),
    { lanes: format.lanes, unsigned: format.family === "dot4" },
  );
  if (!requantized) return undefined;
  const pointers = [ptr.input(0), ptr.const(0), ptr.const(1), ptr.output(0), ptr.scratch()];
  const codes = [i32(quantOf(x!).zeroPoint[0]!), ...requantized.args];
  const common = {
    file: `conv2d.${format.family}`,
    requantize: requantized.form,
    consts: [
      { name: "weights", data: packRuns(weights, oc, kh, kw * ic, format) },
      { name: "channels", data: requantized.constants },
    ],
  };
  if (isPointwise(geometry)) {
    const pixels = elements(outputs[0]!.shape) / oc;
    const chunk = Math.min(pixels, Math.max(16, (BAND_ELEMENTS / ic) & ~3));
    return {
      ...common,
      kernel: "conv2d_i8_pointwise",
      args: [...pointers, ...[pixels, ic, oc, chunk].map(i32), ...codes],
      scratchBytes: imageScratch(chunk * ic, format),
    };
  }
  const { h, w: across } = geometry;
  const band = bandRows(geometry, width * ic);
  const rows = (band - 1) * h.stride + (kh - 1) * h.dilation + 1;
  return {
    ...common,
    kernel: "conv2d_i8_band",
    args: [
      ...pointers,
      ...[x!.shape[0]!, h.input, across.input, ic, h.output, across.output, oc, kh, kw].map(i32),
      ...[h.stride, across.stride, h.dilation, h.before, across.before, band].map(i32),
      ...codes,
    ],
    scratchBytes: imageScratch(rows * width * ic, format),
  };
}

const isPointwise = ({ h, w }: Geometry): boolean =>
  [h, w].every((axis) => axis.kernel === 1 && axis.stride === 1 && axis.before === 0 && axis.input === axis.output);

/** Output rows of a band: enough pixels for tiles and for weights to be used again, few enough for the first cache. */
function bandRows({ h, w }: Geometry, rowElements: number): number {
  const reach = (h.kernel - 1) * h.dilation + 1;
  const fit = Math.floor((BAND_ELEMENTS / rowElements - reach) / h.stride) + 1;
  const wanted = Math.ceil(BAND_PIXELS / w.output);
  return Math.min(h.output, Math.max(1, wanted, fit));
}
