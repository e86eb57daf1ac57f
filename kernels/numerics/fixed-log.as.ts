import { high_product_of, reciprocal, rounding_shift, saturating_shift_left } from "./fixed-point.as";

/**
 * ln x as Q5.26 for x >= 1 in Q12.19: gemmlowp-style fixed point, bit for bit as TensorFlow Lite's
 * log_x_for_x_greater_than_or_equal_to_1 (common.h): a power of two, or of two less a half, and a rational function of
 * what is left.
 */
export function log_above_one(x: i32): i32 {
  const sqrtHalf: i32 = 1518500250;
  const rootHalf: i32 = 1805811301; // sqrt(sqrt(1/2))
  const quarter: i32 = 1 << 23; // in Q6.25
  const headroomA = clz<i32>(x);
  const restA = saturating_shift_left(high_product_of(x << (headroomA - 1), sqrtHalf), 1);
  const powerA = ((12 - headroomA) << 25) + quarter;
  const headroomB = clz<i32>(high_product_of(x, sqrtHalf)) - 1;
  const restB = saturating_shift_left(x, headroomB);
  const powerB = ((12 - headroomB) << 25) - quarter;
  const r = min(restA, restB);
  const power = max(powerA, powerB);
  const p = (((r as i64) + (rootHalf as i64) + 1) >> 1) as i32;
  const q = (r - rootHalf) << 1;
  const square = high_product_of(q, q);
  const numerator = high_product_of(q, r) + high_product_of(high_product_of(q, square), 117049297);
  const denominator = high_product_of(p, 1057819769 + q + high_product_of(127690142, square)) + high_product_of(638450708, q);
  const fraction = high_product_of(rounding_shift(numerator, 6), reciprocal(denominator));
  return saturating_shift_left(high_product_of(power, 1488522236) + fraction, 1);
}
