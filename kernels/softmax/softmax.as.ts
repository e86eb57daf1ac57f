import { exp_negative, high_product_of, reciprocal, rounding_shift } from "../numerics/fixed-point.as";
import { lookup_i16 } from "../numerics/lut-i16.as";
import { clamp, requantize } from "../numerics/requantize.as";
import { exp_scalar } from "../numerics/transcendental.as";

/** f32 rows [begin, end) of `classes`; exponentials sum in ascending order, one accumulator. dst may be src. */
export function softmax_f32(src: usize, dst: usize, classes: i32, beta: f32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const x = src + ((row * classes) << 2);
    const y = dst + ((row * classes) << 2);
    let top = load<f32>(x);
    for (let c = 1; c < classes; c++) top = max<f32>(top, load<f32>(x + (c << 2)));
    let total: f32 = 0;
    for (let c = 0; c < classes; c++) {
      const e = exp_scalar(beta * (load<f32>(x + (c << 2)) - top));
      store<f32>(y + (c << 2), e);
      total += e;
    }
    for (let c = 0; c < classes; c++) store<f32>(y + (c << 2), load<f32>(y + (c << 2)) / total);
  }
}

/**
 * Softmax of int8 in gemmlowp fixed point, bit for bit as TFLite's reference: differences to the maximum become Q5.26
 * by (m, shift), their exponentials Q0.31 are summed as Q12.19, the reciprocal comes from three Newton steps.
 * scratch: i32 [classes]. Differences below `least` (<= 0) give 0. T: the output, code 0 of which is its lowest.
 * Overflow: 4095 classes.
 */
// @ts-ignore: decorator
@inline
function softmax_to<T>(src: usize, dst: usize, scratch: usize, rows: i32, classes: i32, m: i32, shift: i32, least: i32): void {
  const bits = (sizeof<T>() as i32) * 8;
  const half = 1 << (bits - 1);
  const end = scratch + (classes << 2);
  for (let row = 0; row < rows; row++) {
    let top: i32 = -128;
    for (const stop = src + classes; src < stop; src++) top = max(top, load<i8>(src) as i32);
    src -= classes;
    let total: i32 = 0;
    for (let p = scratch; p < end; p += 4) {
      const difference = (load<i8>(src) as i32) - top;
      let e: i32 = 0;
      if (difference >= least) {
        e = exp_negative(high_product_of(difference << shift, m));
        total += rounding_shift(e, 12);
      }
      store<i32>(p, e);
      src++;
    }
    const headroom = clz<i32>(total);
    const scale = reciprocal(((total << headroom) as u32 - 0x80000000) as i32);
    const exponent = 12 - headroom + 31 - bits;
    for (let p = scratch; p < end; p += 4) {
      const y = rounding_shift(high_product_of(scale, load<i32>(p)), exponent);
      store<T>(dst, (min(y, 2 * half - 1) - half) as T);
      dst += sizeof<T>();
    }
  }
}

/** int8 to int8: softmax_to. dst may be src. */
export function softmax_i8(src: usize, dst: usize, scratch: usize, rows: i32, classes: i32, m: i32, shift: i32, least: i32): void {
  softmax_to<i8>(src, dst, scratch, rows, classes, m, shift, least);
}

/** int8 to int16: softmax_to. dst must not alias src. */
export function softmax_i8_i16(src: usize, dst: usize, scratch: usize, rows: i32, classes: i32, m: i32, shift: i32, least: i32): void {
  softmax_to<i16>(src, dst, scratch, rows, classes, m, shift, least);
}

/**
 * int16, bit for bit as TFLite's reference: differences to the maximum are scaled so that 65535 is 10, their
 * exponentials Q0.15 and the reciprocal of 1 + x come from tables (lut-i16.ts). dst may be src. Overflow: 65535 classes.
 */
export function softmax_i16(src: usize, dst: usize, exponentials: usize, reciprocals: usize, rows: i32, classes: i32, m: i32, shift: i32): void {
  const bytes = classes << 1;
  for (let row = 0; row < rows; row++) {
    let top: i32 = -32768;
    for (let i = 0; i < bytes; i += 2) top = max(top, load<i16>(src + i) as i32);
    let total: i32 = 0;
    for (let i = 0; i < bytes; i += 2) {
      const difference = requantize((load<i16>(src + i) as i32) - top, m, shift);
      const e = lookup_i16(exponentials, clamp(difference + 32767, -32768, 32767));
      store<i16>(dst + i, e as i16);
      total += e;
    }
    const headroom = clz<i32>(total);
    const mantissa = ((((total as i64) << (headroom - 1)) + (1 << 13)) >> 14) as i32;
    const scale = lookup_i16(reciprocals, clamp(mantissa - (1 << 15) - (1 << 16), -32768, 32767));
    const right = 31 - headroom;
    for (let i = 0; i < bytes; i += 2) {
      const y = ((load<i16>(dst + i) as i32) * scale + (1 << (right - 1))) >> right;
      store<i16>(dst + i, clamp(y, 0, 32767) as i16);
    }
    src += bytes;
    dst += bytes;
  }
}
