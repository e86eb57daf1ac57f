/**
 * gemmlowp fixed-point arithmetic (fixedpoint/fixedpoint.h) on raw i32 values, as the compiler needs it for lookup
 * tables; fixed-point.as.ts has the forms that run on devices. Qn.m: n integer and m fraction bits, n + m = 31.
 */
const MAX = 2 ** 31 - 1;

/** Saturating rounding doubling high multiply: round(a b / 2^31), ties up. */
const highProduct = (a: number, b: number): number =>
  Math.min(Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n), MAX);

/** x / 2^n rounded half away from zero. */
export const roundingShift = (x: number, n: number): number => {
  const half = x / 2 ** n;
  return half < 0 ? -Math.floor(-half + 0.5) : Math.floor(half + 0.5);
};

/** x * 2^n, saturating to i32. */
const saturatingShiftLeft = (x: number, n: number): number => Math.max(-(2 ** 31), Math.min(MAX, x * 2 ** n));

/** e^-(2^k) as Q0.31 for k = -2..4: the factors that make up exp. */
const BARREL = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242] as const;

/** e^a as Q0.31 for a <= 0 with `integerBits` (4 or 5) integer bits. */
function expNegative(a: number, integerBits: 4 | 5): number {
  if (a === 0) return MAX;
  const quarter = 2 ** (29 - integerBits);
  const fraction = (((a % quarter) + quarter) % quarter) - quarter;
  // Taylor series around -1/8, in Q0.31.
  const x = fraction * 2 ** integerBits + 2 ** 28;
  const x2 = highProduct(x, x);
  const x3 = highProduct(x2, x);
  const x4 = highProduct(x2, x2);
  const tail = roundingShift(highProduct(roundingShift(x4, 2) + x3, 715827883) + x2, 1);
  const start = 1895147668 + highProduct(1895147668, x + tail);
  const rest = fraction - a;
  return BARREL.reduce(
    (result, factor, k) =>
      k < integerBits + 2 && Math.floor(rest / (quarter * 2 ** k)) % 2 === 1 ? highProduct(result, factor) : result,
    start,
  );
}

/** 1 / ((1 + a) / 2) as Q2.29 for a in [0, 1) in Q0.31: Newton's division, three steps. */
function reciprocalOfHalf(a: number): number {
  const half = Math.floor((a + MAX + 1) / 2);
  let x = 1515870810 + highProduct(half, -1010580540);
  for (let i = 0; i < 3; i++) {
    const rest = 2 ** 29 - highProduct(half, x);
    x += saturatingShiftLeft(highProduct(x, rest), 2);
  }
  return x;
}

/** 1 / (1 + e^-a) as Q0.31 for a in Q4.27. */
export function logisticFixed(a: number): number {
  if (a === 0) return 2 ** 30;
  const positive = saturatingShiftLeft(reciprocalOfHalf(expNegative(-Math.abs(a), 4)), 1);
  return a > 0 ? positive : MAX - positive;
}

/** tanh(a) as Q0.31 for a in Q4.27: (1 - e^-2a) / (1 + e^-2a). */
export function tanhFixed(a: number): number {
  if (a === 0) return 0;
  // Doubling keeps the raw value and gives it one more integer bit.
  const magnitude = saturatingShiftLeft(reciprocalOfHalf(expNegative(-Math.abs(a), 5)) - 2 ** 29, 2);
  return a > 0 ? magnitude : -magnitude;
}

/** 1 / sqrt(x) for a whole x in [1, 2^29) as m * 2^(shift - 31): Newton's iteration, five steps from 1. */
export function inverseSqrt(x: number): { readonly m: number; readonly shift: number } {
  if (x <= 1) return { m: MAX, shift: 0 };
  const pairs = ((Math.clz32(x) - 1) >> 1) - 1;
  const input = Math.floor((x * 4 ** pairs) / 2);
  const halfInput = roundingShift(input, 1);
  // Q3.28
  let y = 2 ** 28;
  for (let i = 0; i < 5; i++) {
    const cube = saturatingShiftLeft(highProduct(highProduct(y, y), y), 6);
    y = saturatingShiftLeft(highProduct(2 ** 28 + 2 ** 27, y) - highProduct(halfInput, cube), 3);
  }
  const root = highProduct(y, 1518500250);
  return pairs > 11 ? { m: root * 2 ** (pairs - 11), shift: 0 } : { m: root, shift: pairs - 11 };
}
