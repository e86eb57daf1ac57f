/** gemmlowp fixed-point arithmetic (fixedpoint/fixedpoint.h): raw i32 values, Qn.(31 - n) named where it matters. */

/** Saturating rounding doubling high multiply: round(a b / 2^31), ties up; the one overflow saturates. */
// @ts-ignore: decorator
@inline
export function high_product(a: i32, b: i32): i32 {
  const product = (a as i64) * (b as i64);
  // -2^31 * -2^31 gives 2^31, one too many.
  return min<i64>((product + (1 << 30)) >> 31, 0x7fffffff) as i32;
}

/** The same where a and b are not both -2^31. */
// @ts-ignore: decorator
@inline
export function high_product_of(a: i32, b: i32): i32 {
  return (((a as i64) * (b as i64) + (1 << 30)) >> 31) as i32;
}

/** x / 2^n rounded half away from zero, 0 <= n <= 31. */
// @ts-ignore: decorator
@inline
export function rounding_shift(x: i32, n: i32): i32 {
  const mask = ((1 << n) as i32) - 1;
  const threshold = (mask >> 1) + ((x < 0) as i32);
  return (x >> n) + (((x & mask) > threshold) as i32);
}

/** x * 2^n, saturating. */
// @ts-ignore: decorator
@inline
export function saturating_shift_left(x: i32, n: i32): i32 {
  return max<i64>(-0x80000000, min<i64>(0x7fffffff, (x as i64) << n)) as i32;
}

/** One factor of the product that makes up exp: result * e^-(2^exponent) where that bit of the remainder is set. */
// @ts-ignore: decorator
@inline
function barrel(result: i32, remainder: i32, bit: i32, multiplier: i32): i32 {
  return remainder & (1 << bit) ? high_product_of(result, multiplier) : result;
}

/** e^a as Q0.31 for a <= 0 in Q5.26: a polynomial on [-1/4, 0), then one factor a bit of the rest. */
export function exp_negative(a: i32): i32 {
  if (a == 0) return 0x7fffffff;
  const quarter: i32 = 1 << 24;
  const fraction = (a & (quarter - 1)) - quarter;
  // Taylor around -1/8, in Q0.31.
  const x = (fraction << 5) + (1 << 28);
  const x2 = high_product_of(x, x);
  const x3 = high_product_of(x2, x);
  const x4 = high_product_of(x2, x2);
  const third = high_product_of(rounding_shift(x4, 2) + x3, 715827883);
  const tail = rounding_shift(third + x2, 1);
  let result: i32 = 1895147668 + high_product_of(1895147668, x + tail);
  const remainder = fraction - a;
  result = barrel(result, remainder, 24, 1672461947);
  result = barrel(result, remainder, 25, 1302514674);
  result = barrel(result, remainder, 26, 790015084);
  result = barrel(result, remainder, 27, 290630308);
  result = barrel(result, remainder, 28, 39332535);
  result = barrel(result, remainder, 29, 720401);
  return barrel(result, remainder, 30, 242);
}

/**
 * 1 / (1 + a) as Q0.31 for a in [0, 1) in Q0.31: Newton's division on half the denominator. Only the last step of
 * gemmlowp's can saturate: where 1 + a is 1.
 */
export function reciprocal(a: i32): i32 {
  const half = (a >> 1) + (1 << 30);
  // 48/17 and -32/17 in Q2.29.
  let x = 1515870810 + high_product_of(half, -1010580540);
  for (let i = 0; i < 3; i++) {
    const rest = (1 << 29) - high_product_of(half, x);
    x += high_product_of(x, rest) << 2;
  }
  return x >= 1 << 30 ? 0x7fffffff : x << 1;
}

/** round(2^bits / sqrt(x)) as TFLite's GetInvSqrtQuantizedMultiplierExp forms it, for x in [1, 2^29), bits >= 11. */
export function inverse_sqrt(x: i32, bits: i32): i32 {
  if (x <= 1) return high_product(1 << bits, 0x7fffffff);
  const pairs = ((clz<i32>(x) - 1) >> 1) - 1;
  const input = (x << (pairs << 1)) >> 1;
  const halfInput = rounding_shift(input, 1);
  // Q3.28: Newton's iteration from 1.
  let y: i32 = 1 << 28;
  for (let i = 0; i < 5; i++) {
    const cube = saturating_shift_left(high_product(high_product(y, y), y), 6);
    y = saturating_shift_left(high_product((1 << 28) + (1 << 27), y) - high_product(halfInput, cube), 3);
  }
  const root = high_product(y, 1518500250);
  return pairs > 11 ? high_product(1 << bits, root << (pairs - 11)) : high_product(1 << (bits + pairs - 11), root);
}
