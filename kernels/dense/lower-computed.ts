/** Lowering of int8 dense whose weights are computed: nothing is packed, one multiplier for all outputs. */
import { quantizedBounds } from "../activation.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { elements, i32, type LowerCall, type Lowered, ptr, requires } from "../op.ts";
import { effectiveScales, quantOf } from "../pack.ts";
import type { DenseAttrs } from "./dense.ts";

export function lowerComputed({ inputs: [x, w, bias], outputs: [out], attrs }: LowerCall<DenseAttrs>): Lowered {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const { scale, zeroPoint } = quantOf(w!);
  requires(
    scale.length === 1 && zeroPoint[0] === 0,
    () =>
      `dense: computed weights have ${scale.length} scales and zero point ${zeroPoint[0]}, expected one scale and zero point 0`,
  );
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  const { m, shift } = quantizeMultiplier(effectiveScales(x!, w!, out!, 1)[0]!);
  return {
    kernel: "dense_i8_computed",
    file: "dense.computed",
    requantize: "exact64",
    args: [
      ptr.input(0),
      ptr.input(1),
      bias ? ptr.input(2) : i32(0),
      ptr.output(0),
      ...[elements(x!.shape) / k, k, n, m, shift].map(i32),
      i32(quantOf(x!).zeroPoint[0]!),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ],
  };
}
