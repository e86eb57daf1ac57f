/** Lowering of dense with f32 activations and int8 weights, dequantized on the fly. */
import { activationBounds } from "../activation.ts";
import { elements, f32, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { weightScales } from "../pack.ts";
import type { DenseAttrs } from "./dense.ts";

export function lowerHybrid({ inputs: [x, w, bias], attrs }: LowerCall<DenseAttrs>): Lowered {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const [lo, hi] = activationBounds(attrs.activation);
  return {
    kernel: "dense_f32_w8",
    file: "dense.hybrid",
    args: [
      ptr.input(0),
      ptr.input(1),
      ptr.const(0),
      bias ? ptr.input(2) : i32(0),
      ptr.output(0),
      i32(k),
      i32(n),
      f32(lo),
      f32(hi),
    ],
    consts: [{ name: "scales", data: weightScales(w!, n) }],
    parallel: elements(x!.shape) / k,
  };
}
