/** Activations that convolutions, dense and elementwise operators can carry after fusion. */

import { roundHalfAway } from "./numerics/requantize.ts";
import type { DType, Quant } from "./op.ts";

export type Activation = "none" | "relu" | "relu6" | "reluN1To1";

const BOUNDS: Readonly<Record<Activation, readonly [number, number]>> = {
  none: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  relu: [0, Number.POSITIVE_INFINITY],
  relu6: [0, 6],
  reluN1To1: [-1, 1],
};

/** Bounds of the real output; f32 kernels clamp to them (infinities included). */
export const activationBounds = (activation: string): readonly [number, number] => {
  const bounds = BOUNDS[activation as Activation];
  if (!bounds) throw new RangeError(`activation "${activation}", expected one of ${Object.keys(BOUNDS).join(", ")}`);
  return bounds;
};

export const activate = (activation: string, x: number): number => {
  const [lo, hi] = activationBounds(activation);
  return Math.min(Math.max(x, lo), hi);
};

/** The same bounds as int8 or int16 codes of `quant` (TFLite CalculateActivationRangeQuantized). */
export function quantizedBounds(activation: string, quant: Quant, dtype: DType = "i8"): readonly [number, number] {
  const [least, most] = dtype === "i16" ? [-32768, 32767] : [-128, 127];
  const [lo, hi] = activationBounds(activation);
  const code = (real: number): number => roundHalfAway(Math.fround(real / quant.scale[0]!)) + quant.zeroPoint[0]!;
  return [
    lo === Number.NEGATIVE_INFINITY ? least : Math.max(least, code(lo)),
    hi === Number.POSITIVE_INFINITY ? most : Math.min(most, code(hi)),
  ];
}
