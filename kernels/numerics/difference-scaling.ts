/** How softmax and logSoftmax of int8 scale differences to the maximum (TFLite quantization_util.cc). */
import { type Multiplier, quantizeMultiplier } from "./requantize.ts";

/** Integer bits of the scaled difference (kScaledDiffIntegerBits): Q5.26. */
const INTEGER_BITS = 5;

/** `radius`: differences beyond it exceed Q5.26 and count as e^-32 = 0. */
export function differenceScaling(beta: number, scale: number): Multiplier & { readonly radius: number } {
  const real = Math.min(Math.fround(beta) * scale * 2 ** (31 - INTEGER_BITS), 2 ** 31 - 1);
  const { m, shift } = quantizeMultiplier(real);
  const radius = Math.floor(((2 ** INTEGER_BITS - 1) * 2 ** (31 - INTEGER_BITS)) / 2 ** shift);
  return { m, shift, radius };
}
