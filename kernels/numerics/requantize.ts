/**
 * TensorFlow Lite's requantization, exactly: the TypeScript oracle of `requantize.as.ts`.
 * `m` is a Q31 multiplier in [2^30, 2^31) and `shift` > 0 means left: value * m / 2^31 * 2^shift, rounded by a
 * saturating rounding doubling high multiply and then a rounding right shift (gemmlowp fixedpoint.h).
 */

export interface Multiplier {
  readonly m: number;
  readonly shift: number;
}

/** Splits a real multiplier > 0 into Q31 and a power of two (TFLite quantization_util.cc, QuantizeMultiplier). */
export function quantizeMultiplier(real: number): Multiplier {
  if (real === 0) return { m: 0, shift: 0 };
  let shift = Math.max(-1023, Math.floor(Math.log2(real)) + 1);
  let fraction = real / 2 ** shift;
  // log2 is not exact next to powers of two.
  if (fraction >= 1) {
    fraction /= 2;
    shift++;
  } else if (fraction < 0.5) {
    fraction *= 2;
    shift--;
  }
  let m = roundHalfAway(fraction * 2 ** 31);
  if (m === 2 ** 31) {
    m /= 2;
    shift++;
  }
  if (shift < -31) return { m: 0, shift: 0 };
  if (shift > 30) return { m: 2 ** 31 - 1, shift: 30 };
  return { m, shift };
}

/** Rounds half away from zero, as C's round(). */
export const roundHalfAway = (x: number): number => (x < 0 ? -Math.floor(-x + 0.5) : Math.floor(x + 0.5));

/** `acc` an i32; the result before zero point and clamp. */
export function multiplyByQuantizedMultiplier(acc: number, { m, shift }: Multiplier): number {
  if (m === 0) return 0;
  const product = (value: bigint, round: bigint, right: bigint): number => Number((value * BigInt(m) + round) >> right);
  const a = BigInt(acc);
  if (shift >= 0) return product(BigInt.asIntN(32, a << BigInt(shift)), 1n << 30n, 31n);
  const s = BigInt(-shift);
  return product(a, (1n << (30n + s)) + (acc < 0 ? -(1n << 30n) : 1n << 30n), 31n + s);
}
