/** SIMD lowering (pairdot, dot4) of int8 depthwiseConv2d: one filter a channel, channels by eight, no dilation. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryOf } from "../conv/geometry.ts";
import { i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";
import { requantizeFloat, type SimdFormat } from "../pack-simd.ts";

/** undefined: a shape or scale that the exact kernel takes. */
export function lowerSimd(
  { inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<ConvAttrs>,
  format: SimdFormat,
): Lowered | undefined {
  const { h, w: across } = geometryOf("depthwiseConv2d", x!.shape, w!.shape.slice(1, 3), attrs);
  const channels = w!.shape[3]!;
  const width = (across.output - 1) * across.stride + across.kernel;
  const dilated = (h.kernel > 1 && h.dilation !== 1) || (across.kernel > 1 && across.dilation !== 1);
  if (x!.shape[3] !== channels || channels % 8 !== 0 || dilated || across.before > width) return undefined;
  const weights = constant(1) as Int8Array;
  const taps = h.kernel * across.kernel;
  const requantized = requantizeFloat(
    [x!, w!, out!],
    bias && (constant(2) as Int32Array),
    (c) => Int8Array.from({ length: taps }, (_, k) => weights[k * channels + c]!),
    channels,
    quantizedBounds(attrs.activation, quantOf(out!)),
    { lanes: format.lanes, unsigned: false },
  );
  if (!requantized) return undefined;
  const pairs = (h.kernel >> 1) + 1;
  return {
    kernel: "depthwiseConv2d_i8_rows",
    file: `depthwiseConv2d.${format.family}`,
    requantize: requantized.form,
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      ...[x!.shape[0]!, h.input, across.input, channels, h.output, across.output, h.kernel, across.kernel].map(i32),
      ...[h.stride, across.stride, h.before, across.before].map(i32),
      i32(quantOf(x!).zeroPoint[0]!),
      ...requantized.args,
    ],
    consts: [
      { name: "weights", data: packRowPairs(weights, h.kernel, across.kernel, channels, format.lanes) },
      { name: "channels", data: requantized.constants },
    ],
    scratchBytes: (pairs * width + 3) * channels * 4 + 64,
  };
}

/**
 * [2][c / lanes][pairs][kw][lanes][2] of `weights` [kh][kw][c]: rows (0, 1), (2, 3) … and then (none, 0), (1, 2) …,
 * pairs = kh / 2 + 1; channels beyond the last are zero.
 */
function packRowPairs(weights: Int8Array, kh: number, kw: number, channels: number, lanes: number): Int8Array {
  const pairs = (kh >> 1) + 1;
  const groups = Math.ceil(channels / lanes);
  const out = new Int8Array(2 * groups * pairs * kw * lanes * 2);
  for (const odd of [0, 1])
    for (let ky = 0; ky < kh; ky++)
      for (let kx = 0; kx < kw; kx++)
        for (let c = 0; c < channels; c++) {
          const row = ky + odd;
          const block = ((odd * groups + Math.floor(c / lanes)) * pairs + (row >> 1)) * kw + kx;
          out[(block * lanes + (c % lanes)) * 2 + (row & 1)] = weights[(ky * kw + kx) * channels + c]!;
        }
  return out;
}
