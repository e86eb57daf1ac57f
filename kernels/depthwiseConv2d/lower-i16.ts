/** int16x8 lowering of depthwiseConv2d, one form for every family: 64-bit sums, TensorFlow Lite's 16-bit multiplier. */
import { quantizedBounds } from "../activation.ts";
import { type ConvAttrs, geometryArgs, geometryOf } from "../conv/geometry.ts";
import { i32, type LowerCall, type Lowered, ptr, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { checkSymmetric, SAFE_PRODUCTS, wideParams } from "../pack-i16.ts";

export function lowerI16({ inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<ConvAttrs>): Lowered {
  checkSymmetric("depthwiseConv2d", [x!, w!, out!]);
  const oc = w!.shape[3]!;
  requires(
    w!.shape[2]! <= SAFE_PRODUCTS,
    () => `depthwiseConv2d: window is ${w!.shape[2]} wide, expected at most ${SAFE_PRODUCTS} for int16`,
  );
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!), "i16");
  return {
    kernel: "depthwiseConv2d_i16",
    file: "depthwiseConv2d.i16",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      i32(x!.shape[0]!),
      ...geometryArgs(geometryOf("depthwiseConv2d", x!.shape, w!.shape.slice(1, 3), attrs), x!.shape[3]!, oc),
      i32(lo),
      i32(hi),
    ],
    consts: [
      { name: "weights", data: constant(1) },
      { name: "channels", data: wideParams(x!, w!, out!, bias && constant(2), oc) },
    ],
  };
}
