/** int8 lowering of dense for the scalar family: a row of activations by four channels (kernels/isa/tile.scalar.as.ts). */
import { quantizedBounds } from "../activation.ts";
import { longChannels, quadWeights, type ScalarLayer, shortChannels } from "../isa/pack-scalar.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { multipliersOf, paddedDepth, quantOf } from "../pack.ts";
import type { DenseAttrs } from "./dense.ts";

export function lowerScalar({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  longMultiply = false,
  constant,
}: LowerCall<DenseAttrs>): Lowered {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const layer: ScalarLayer = {
    weights: constant(1) as Int8Array,
    n,
    k,
    bias: bias && (constant(2) as Int32Array),
    zeroPointIn: quantOf(x!).zeroPoint[0]!,
    zeroPointOut: quantOf(out!).zeroPoint[0]!,
    lo,
    hi,
    multipliers: multipliersOf(x!, w!, out!, n),
  };
  const depth = paddedDepth(k);
  const channels = longMultiply ? longChannels(layer, 0) : shortChannels(layer);
  const sizes = [elements(x!.shape) / k, k, n, Number(channels.form === "exact64"), layer.zeroPointOut, lo, hi].map(
    i32,
  );
  const pointers = [ptr.input(0), ptr.const(0), ptr.const(1), ptr.output(0)];
  return {
    kernel: longMultiply ? "dense_i8_long" : "dense_i8_short",
    file: "dense.scalar",
    requantize: channels.form,
    args: longMultiply ? [...pointers, ...sizes] : [...pointers, ptr.scratch(), ...sizes, i32(channels.lowBits)],
    consts: [
      { name: "weights", data: quadWeights(layer, depth, longMultiply ? 0 : 128) },
      { name: "channels", data: channels.params },
    ],
    ...(longMultiply ? {} : { scratchBytes: depth }),
  };
}
