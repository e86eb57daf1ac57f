/** SIMD lowering (pairdot, dot4) of int8 dense. */
import { quantizedBounds } from "../activation.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";
import { imageScratch, packRuns, requantizeFloat, type SimdFormat } from "../pack-simd.ts";
import type { DenseAttrs } from "./dense.ts";

/** Rows in the scratch at a time. */
const ROWS = 4;

/** undefined: scales that the exact kernel takes. */
export function lowerSimd(
  { inputs: [x, w, bias], outputs: [out], attrs, constant }: LowerCall<DenseAttrs>,
  format: SimdFormat,
): Lowered | undefined {
  const [n, k] = [w!.shape[0]!, w!.shape[1]!];
  const weights = constant(1) as Int8Array;
  const requantized = requantizeFloat(
    [x!, w!, out!],
    bias && (constant(2) as Int32Array),
    (c) => weights.subarray(c * k, (c + 1) * k),
    n,
    quantizedBounds(attrs.activation, quantOf(out!)),
    { lanes: format.lanes, unsigned: format.family === "dot4" },
  );
  if (!requantized) return undefined;
  const rows = elements(x!.shape) / k;
  return {
    kernel: "dense_i8_simd",
    file: `dense.${format.family}`,
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
      { name: "weights", data: packRuns(weights, n, 1, k, format) },
      { name: "channels", data: requantized.constants },
    ],
    scratchBytes: imageScratch(Math.min(rows, ROWS) * k, format),
  };
}
