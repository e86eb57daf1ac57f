/** int8 tables of functions that TFLite evaluates in gemmlowp fixed point: input Q4.27, output Q0.31. */
import { roundingShift } from "../numerics/fixed-point.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier } from "../numerics/requantize.ts";
import { type LowerCall, type Lowered, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerLookup } from "./lookup.ts";

const INTEGER_BITS = 4;

/**
 * Inputs beyond +-15 saturate (TFLite CalculateInputRadius). `fractionBits`: of the output code. Throws where the
 * output's quantization is another one than `2^-fractionBits` and `zeroPoint`, which this function is only made for.
 */
export function lowerFixedLookup(
  call: Pick<LowerCall<never>, "inputs" | "outputs">,
  f: (a: number) => number,
  fractionBits: number,
  zeroPoint: number,
): Lowered {
  const [qx, qy] = [quantOf(call.inputs[0]!), quantOf(call.outputs[0]!)];
  requires(
    qy.scale[0] === 2 ** -fractionBits && qy.zeroPoint[0] === zeroPoint,
    () =>
      `lookup: output scale ${qy.scale[0]}, zero point ${qy.zeroPoint[0]}, expected ${2 ** -fractionBits} and ${zeroPoint}`,
  );
  const multiplier = quantizeMultiplier(qx.scale[0]! * 2 ** (31 - INTEGER_BITS));
  const radius = Math.floor(((2 ** INTEGER_BITS - 1) * 2 ** (31 - INTEGER_BITS)) / 2 ** multiplier.shift);
  return lowerLookup(call, (q) => {
    const x = q - qx.zeroPoint[0]!;
    if (Math.abs(x) >= radius) return x < 0 ? -128 : 127;
    return roundingShift(f(multiplyByQuantizedMultiplier(x, multiplier)), 31 - fractionBits) + zeroPoint;
  });
}
