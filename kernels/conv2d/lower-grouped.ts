/** Lowering of conv2d in groups: int8 through the family's matvec_i8, a pack of weights a group; f32 plainly. */
import { activationBounds, quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { elements, type Family, f32, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { channelParams, packWeights, paddedDepth, quantOf } from "../pack.ts";

/** A pack of weights [oc, depth] a group, one behind the other. */
export function packGroups(
  weights: Int8Array,
  oc: number,
  groups: number,
  depth: number,
  family: Family,
): { readonly packed: Int8Array; readonly groupBytes: number } {
  const filters = oc / groups;
  const packs = Array.from({ length: groups }, (_, g) =>
    packWeights(weights.subarray(g * filters * depth, (g + 1) * filters * depth), filters, depth, family),
  );
  const groupBytes = packs[0]!.length;
  const packed = new Int8Array(groups * groupBytes);
  packs.forEach((pack, g) => {
    packed.set(pack, g * groupBytes);
  });
  return { packed, groupBytes };
}

export function lowerGroupedI8({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  family,
  constant,
}: LowerCall<ConvAttrs>): Lowered {
  const [oc, depth] = [w!.shape[0]!, elements(w!.shape.slice(1))];
  const groups = x!.shape[3]! / w!.shape[3]!;
  const { packed, groupBytes } = packGroups(constant(1) as Int8Array, oc, groups, depth, family);
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "conv2d_i8_grouped",
    file: "conv2d.grouped",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      i32(x!.shape[0]!),
      ...geometryArgs(geometryOf("conv2d", x!.shape, w!.shape.slice(1, 3), attrs), x!.shape[3]!, oc),
      i32(groups),
      i32(groupBytes),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: packed },
      { name: "channels", data: channelParams(x!, w!, out!, bias && (constant(2) as Int32Array), oc) },
    ],
    scratchBytes: paddedDepth(depth) * 2,
  };
}

export function lowerGroupedF32({ inputs: [x, w, bias], outputs: [out], attrs }: LowerCall<ConvAttrs>): Lowered {
  const oc = w!.shape[0]!;
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "conv2d_f32_grouped",
    args: [
      ptr.input(0),
      ptr.input(1),
      bias ? ptr.input(2) : i32(0),
      ptr.output(0),
      ...geometryArgs(geometryOf("conv2d", x!.shape, w!.shape.slice(1, 3), attrs), x!.shape[3]!, oc),
      i32(x!.shape[3]! / w!.shape[3]!),
      f32(lo),
      f32(hi),
    ],
    parallel: elements(out!.shape) / oc,
  };
}
