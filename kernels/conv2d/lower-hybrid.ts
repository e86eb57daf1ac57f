/** Lowering of conv2d with f32 activations and int8 weights, dequantized on the fly. */
import { activationBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { elements, f32, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { weightScales } from "../pack.ts";

export function lowerHybrid({ inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<ConvAttrs>): Lowered {
  const oc = w!.shape[0]!;
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "conv2d_f32_w8",
    file: "conv2d.hybrid",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      bias ? ptr.input(2) : i32(0),
      ptr.output(0),
      ...geometryArgs(geometryOf("conv2d", x!.shape, w!.shape.slice(1, 3), attrs), x!.shape[3]!, oc),
      i32(x!.shape[3]! / w!.shape[3]!),
      f32(lo),
      f32(hi),
    ],
    consts: [
      { name: "weights", data: constant(1) },
      { name: "scales", data: weightScales(w!, oc) },
    ],
    parallel: elements(out!.shape) / oc,
  };
}
