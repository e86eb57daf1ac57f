/** int8 hardSwish: a table of what TFLite computes for each code in 16-bit fixed point. */
import { lowerLookup } from "../loops/lookup.ts";
import { roundingShift } from "../numerics/fixed-point.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { type LowerCall, type Lowered, requires } from "../op.ts";
import { quantOf } from "../pack.ts";

const saturate16 = (x: number): number => Math.min(32767, Math.max(-32768, x));
/** Rounding doubling high multiply of Q0.15 values, ties up. */
const highProduct16 = (a: number, b: number): number => saturate16(Math.floor((a * b + 2 ** 14) / 2 ** 15));

/** A multiplier of 16 bits (TFLite DownScaleInt32ToInt16Multiplier) and its exponent. */
function multiplier16(real: number): { readonly m: number; readonly exponent: number } {
  const { m, shift } = quantizeMultiplier(real);
  return { m: m >= 2 ** 31 - 1 - 2 ** 15 ? 32767 : Math.floor((m + 2 ** 15) / 2 ** 16), exponent: shift };
}

export function lowerI8(call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const [qx, qy] = [quantOf(call.inputs[0]!), quantOf(call.outputs[0]!)];
  // Codes get seven more bits; quotients are f32 in TFLite.
  const fine = Math.fround(qx.scale[0]! / 128);
  const output = multiplier16(Math.fround(fine / qy.scale[0]!));
  requires(
    output.exponent <= 0,
    () =>
      `hardSwish: scales ${qx.scale[0]} to ${qy.scale[0]}, expected an output scale of at least 1/128 of the input's`,
  );
  // x / 3 as Q0.15.
  const third = multiplier16(Math.fround(fine / Math.fround(3 / 32768)));
  return lowerLookup(call, (q) => {
    const x = (q - qx.zeroPoint[0]!) * 128;
    const unshifted = highProduct16(x, output.m);
    const gate = Math.floor((reluish(x, third) + 2 ** 15) / 2);
    // Truncated, against the bias of the rounded products.
    const product = Math.trunc((gate * unshifted) / 2 ** 15);
    return roundingShift(product, -output.exponent) + qy.zeroPoint[0]!;
  });
}

/** x * m * 2^exponent as Q0.15; a left shift saturates, its last bit after the product. */
function reluish(x: number, { m, exponent }: { readonly m: number; readonly exponent: number }): number {
  if (exponent <= 0) return roundingShift(highProduct16(x, m), -exponent);
  return saturate16(highProduct16(saturate16(x * 2 ** (exponent - 1)), m) * 2);
}
