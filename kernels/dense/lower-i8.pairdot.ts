/** Pair-dot lowering of int8 dense. */
import { quantizedBounds } from "../activation.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";
import { packPairs, requantizeFloat, wideScratch } from "../pack-pairdot.ts";
import type { DenseAttrs } from "./dense.ts";

/** undefined: scales that the exact kernel takes. */
export function lowerPairdot({
  inputs: [x, w, bias],
  outputs: [out],
  attrs,
  constant,
}: LowerCall<DenseAttrs>): Lowered | undefined {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const weights = constant(1) as Int8Array;
  const requantized = requantizeFloat(
    [x!, w!, out!],
    bias && (constant(2) as Int32Array),
    (c) => weights.subarray(c * k, (c + 1) * k),
    n,
    quantizedBounds(attrs.activation, quantOf(out!)),
  );
  if (!requantized) return undefined;
  const rows = elements(x!.shape) / k;
  return {
    kernel: "dense_i8_pairdot",
    file: "dense.pairdot",
    requantize: requantized.form,
    args: [
      ptr.input(0),
      ptr.const(0),
      ptr.const(1),
      ptr.output(0),
      ptr.scratch(),
      ...[rows, k, n].map(i32),
      i32(quantOf(x!).zeroPoint[0]!),
      ...requantized.args,
    ],
    consts: [
      { name: "weights", data: packPairs(weights, n, 1, k) },
      { name: "channels", data: requantized.constants },
    ],
    scratchBytes: wideScratch(Math.min(rows, 4) * k),
  };
}
