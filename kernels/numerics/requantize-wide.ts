/** Host side of requantize-wide.as.ts: TensorFlow Lite's multiplier for 64-bit sums (common.cc). */
import { type Multiplier, quantizeMultiplier } from "./requantize.ts";

/** Sums above are refused: 2^8 times a sum of 2^47 leaves 64 bits no room for the product. */
const MAX_SHIFT = 7;

/** `m` to 16 bits, rounded half up, and the right shift that goes with it. Throws for multipliers of 2^7 and above. */
export function reduceMultiplier({ m, shift }: Multiplier): { readonly m: number; readonly right: number } {
  if (shift > MAX_SHIFT)
    throw new RangeError(
      `requantize: multiplier ${(m * 2 ** (shift - 31)).toPrecision(4)} of a 64-bit sum, expected below ${2 ** MAX_SHIFT} (output scale is too small for these inputs)`,
    );
  return { m: m < 0x7fff0000 ? (m + 0x8000) >> 16 : 0x7fff, right: 15 - shift };
}

/** The oracle: requantize_wide of a real multiplier, `acc` exact as bigint. */
export function requantizeWide(acc: bigint, real: number): number {
  const { m, right } = reduceMultiplier(quantizeMultiplier(real));
  return Number(BigInt.asIntN(32, (acc * BigInt(m) + (1n << BigInt(right - 1))) >> BigInt(right)));
}
