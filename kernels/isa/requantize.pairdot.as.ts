/**
 * Requantization of four sums at once, in a form that the compiler has proved equal to TensorFlow Lite's for the
 * layer (numerics/forms/float.ts). Rounding: to nearest even, by adding a constant so large that its
 * last place is 1; the proof has chosen offsets that put every threshold on the right side.
 */

/** The form of a group: f64 from FLOAT64 on; odd ones give the offset the sign of the product. */
export const FLOAT32 = 0;
export const FLOAT32_SIGNED = 1;
export const FLOAT64 = 2;

/**
 * The form of a group of eight channels. forms: whether offsets take a sign, and above that bit a shift; wide: a bit
 * for each 2^shift groups, set where they are in f64.
 */
// @ts-ignore: decorator
@inline
export function formOf(channel: i32, forms: i32, wide: i32): i32 {
  return (((wide >> (channel >> (3 + (forms >> 1)))) & 1) << 1) | (forms & 1);
}

/** Bits of 1.5 * 2^23, whose last place is 1. */
const MAGIC_BITS = 0x4b400000;

/** int(sum * multiplier + offset) + zeroPoint; magic: 1.5 * 2^23 + zeroPoint in every lane. i32 lanes. */
// @ts-ignore: decorator
@inline
export function requantize32(sum: v128, multiplier: v128, offset: v128, magic: v128): v128 {
  const product = f32x4.mul(f32x4.convert_i32x4_s(sum), multiplier);
  return i32x4.sub(f32x4.add(f32x4.add(product, offset), magic), i32x4.splat(MAGIC_BITS));
}

/** As requantize32, the offset with the sign of the product. */
// @ts-ignore: decorator
@inline
export function requantize32_signed(sum: v128, multiplier: v128, offset: v128, magic: v128): v128 {
  const product = f32x4.mul(f32x4.convert_i32x4_s(sum), multiplier);
  const signed = v128.or(v128.and(product, i32x4.splat(0x80000000)), offset);
  return i32x4.sub(f32x4.add(f32x4.add(product, signed), magic), i32x4.splat(MAGIC_BITS));
}

/** Two lanes in f64: the low word of the sum with the constant is the code. */
// @ts-ignore: decorator
@inline
function codes64(sum: v128, multipliers: usize, offsets: usize, magic: v128, signs: v128): v128 {
  const product = f64x2.mul(f64x2.convert_low_i32x4_s(sum), v128.load(multipliers));
  const signed = v128.or(v128.and(product, signs), v128.load(offsets));
  return f64x2.add(f64x2.add(product, signed), magic);
}

/** f64 forms; multipliers and offsets: four f64 each. magic: 1.5 * 2^52 + zeroPoint. */
// @ts-ignore: decorator
@inline
export function requantize64(sum: v128, multipliers: usize, offsets: usize, magic: v128, form: i32): v128 {
  const signs = i64x2.splat((form as i64) << 63);
  const low = codes64(sum, multipliers, offsets, magic, signs);
  const high = codes64(i8x16.shuffle(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15), multipliers + 16, offsets + 16, magic, signs);
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

/** Eight sums as eight saturated i16 codes. constants: of the group, after its bias (32 bytes). */
// @ts-ignore: decorator
@inline
export function codes16(low: v128, high: v128, constants: usize, zeroPoint: i32, form: i32): v128 {
  if (form == FLOAT32) {
    const magic = f32x4.splat((zeroPoint as f32) + 12582912.0);
    return i16x8.narrow_i32x4_s(
      requantize32(low, v128.load(constants), v128.load(constants, 32), magic),
      requantize32(high, v128.load(constants, 16), v128.load(constants, 48), magic),
    );
  }
  if (form == FLOAT32_SIGNED) {
    const magic = f32x4.splat((zeroPoint as f32) + 12582912.0);
    return i16x8.narrow_i32x4_s(
      requantize32_signed(low, v128.load(constants), v128.load(constants, 32), magic),
      requantize32_signed(high, v128.load(constants, 16), v128.load(constants, 48), magic),
    );
  }
  const magic = f64x2.splat((zeroPoint as f64) + 6755399441055744.0);
  return i16x8.narrow_i32x4_s(
    requantize64(low, constants, constants + 64, magic, form),
    requantize64(high, constants + 32, constants + 96, magic, form),
  );
}

/** Bytes of a group of eight channels: bias i32, multipliers, offsets (f32 or f64). */
// @ts-ignore: decorator
@inline
export function groupBytes(form: i32): i32 {
  return form < FLOAT64 ? 96 : 160;
}

/** Codes of two pixels of eight channels, clamped. */
// @ts-ignore: decorator
@inline
export function clamp16(first: v128, second: v128, lo: v128, hi: v128): v128 {
  return i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(first, second), lo), hi);
}

/** Stores the low eight bytes of `codes`, or the first `left` of them where the group is the last. */
// @ts-ignore: decorator
@inline
export function storeCodes(dst: usize, codes: v128, left: i32): void {
  if (left >= 8) v128.store64_lane(dst, codes, 0);
  else {
    let bits = i64x2.extract_lane(codes, 0);
    for (let i = 0; i < left; i++) {
      store<u8>(dst + i, bits as u8);
      bits >>>= 8;
    }
  }
}
