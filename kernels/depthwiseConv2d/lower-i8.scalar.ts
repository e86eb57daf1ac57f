/** int8 lowering of depthwiseConv2d for the scalar family: a padded plane of one channel at a time. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryOf } from "../conv/geometry.ts";
import { longChannels, type ScalarLayer, shortChannels } from "../isa/pack-scalar.ts";
import { type Axis, type LowerCall, type Lowered, ptr } from "../op.ts";
import { multipliersOf, quantOf } from "../pack.ts";

/** Pixels that the windows of an axis reach over. */
const reach = ({ output, stride, kernel, dilation }: Axis): number =>
  (output - 1) * stride + (kernel - 1) * dilation + 1;

/** [kh, kw, oc] to [oc][kh][kw]. */
function byChannel(weights: Int8Array, taps: number, oc: number): Int8Array {
  const out = new Int8Array(weights.length);
  for (let o = 0; o < oc; o++) for (let t = 0; t < taps; t++) out[o * taps + t] = weights[t * oc + o]!;
  return out;
}

export function lowerScalar({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  longMultiply = false,
  constant,
}: LowerCall<ConvAttrs>): Lowered {
  const [, kh, kw, oc] = w!.shape as readonly [number, number, number, number];
  const { h, w: across } = geometryOf("depthwiseConv2d", x!.shape, [kh, kw], attrs);
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const [batch, , , ic] = x!.shape as readonly [number, number, number, number];
  const layer: ScalarLayer = {
    weights: byChannel(constant(1) as Int8Array, kh * kw, oc),
    n: oc,
    k: kh * kw,
    bias: bias && (constant(2) as Int32Array),
    zeroPointIn: quantOf(x!).zeroPoint[0]!,
    zeroPointOut: quantOf(out!).zeroPoint[0]!,
    lo,
    hi,
    multipliers: multipliersOf(x!, w!, out!, oc),
  };
  const channels = longMultiply ? longChannels(layer, 128) : shortChannels(layer);
  const [ph, pw] = [reach(h), reach(across)];
  const geometry = Int32Array.of(
    batch,
    h.input,
    across.input,
    ic,
    h.output,
    across.output,
    oc,
    kh,
    kw,
    h.stride,
    across.stride,
    h.dilation,
    across.dilation,
    h.before,
    across.before,
    layer.zeroPointIn,
    ph,
    pw,
    Number(channels.form === "exact64"),
    layer.zeroPointOut,
    lo,
    hi,
    channels.lowBits,
  );
  const isSameShape = x!.shape.every((d, i) => d === out!.shape[i]);
  return {
    kernel: longMultiply ? "depthwiseConv2d_i8_long" : "depthwiseConv2d_i8_short",
    file: "depthwiseConv2d.scalar",
    requantize: channels.form,
    args: [ptr.input(0), ptr.const(0), ptr.const(1), ptr.output(0), ptr.scratch(), ptr.const(2)],
    consts: [
      { name: "weights", data: layer.weights },
      { name: "channels", data: channels.params },
      { name: "geometry", data: geometry },
    ],
    scratchBytes: ph * pw,
    ...(isSameShape ? { alias: [[0, 0]] as const } : {}),
  };
}
