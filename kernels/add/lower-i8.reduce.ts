/** int8 lowering of add, reduce family: four words a vector. */
import { quantizedBounds } from "../activation.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { elements, i32, type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";

/** Bits that both operands gain before they are scaled (TFLite ADD). */
const LEFT_SHIFT = 20;

/** Undefined where the operands are not of the output's shape, or the output's multiplier is 1/2 or more. */
export function lowerReduce({ inputs, outputs: [out], attrs }: LowerCall<{ activation: string }>): Lowered | undefined {
  const n = elements(out!.shape);
  if (inputs.some((x) => elements(x.shape) !== n)) return undefined;
  const scale = (i: number): number => quantOf(inputs[i]!).scale[0]!;
  const [a, b] = scale(0) >= scale(1) ? [0, 1] : [1, 0];
  const zeroPoint = (i: number): number => quantOf(inputs[i]!).zeroPoint[0]!;
  const smaller = quantizeMultiplier(scale(b) / (2 * scale(a)));
  const result = quantizeMultiplier((2 * scale(a)) / (2 ** LEFT_SHIFT * quantOf(out!).scale[0]!));
  if (result.m !== 0 && result.shift >= 0) return undefined;
  // A multiplier of 1/2 has no shift: one bit more before, and a shift of one, give the same.
  const extra = smaller.m !== 0 && smaller.shift === 0 ? 1 : 0;
  const scaleB = 2 ** (LEFT_SHIFT + extra);
  const right = ({ m, shift }: typeof smaller): number => (m === 0 ? -1 : shift);
  const [lo, hi] = quantizedBounds(attrs.activation, quantOf(out!));
  return {
    kernel: "add_i8_reduce",
    file: "add.reduce",
    requantize: "saturating",
    args: [
      ptr.input(a),
      ptr.input(b),
      ptr.output(0),
      i32(-zeroPoint(a) * 2 ** (LEFT_SHIFT - 1)),
      i32(scaleB),
      i32(-zeroPoint(b) * scaleB),
      i32(smaller.m),
      i32(right(smaller) - extra),
      i32(result.m),
      i32(right(result)),
      i32(quantOf(out!).zeroPoint[0]!),
      i32(lo),
      i32(hi),
      i32(n),
    ],
    alias: [
      [0, 0],
      [0, 1],
    ],
  };
}
