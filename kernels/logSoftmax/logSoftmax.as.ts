import { log_above_one } from "../numerics/fixed-log.as";
import { exp_negative, rounding_shift } from "../numerics/fixed-point.as";
import { clamp, requantize } from "../numerics/requantize.as";
import { exp_scalar, log_scalar } from "../numerics/transcendental.as";

/** f32 rows of `classes`; exponentials sum in ascending order, one accumulator. dst may be src. */
export function logSoftmax_f32(src: usize, dst: usize, rows: i32, classes: i32): void {
  const bytes = classes << 2;
  for (let row = 0; row < rows; row++) {
    let top = load<f32>(src);
    for (let i = 4; i < bytes; i += 4) top = max<f32>(top, load<f32>(src + i));
    let total: f32 = 0;
    for (let i = 0; i < bytes; i += 4) total += exp_scalar(load<f32>(src + i) - top);
    const log = log_scalar(total);
    for (let i = 0; i < bytes; i += 4) store<f32>(dst + i, load<f32>(src + i) - top - log);
    src += bytes;
    dst += bytes;
  }
}

/**
 * int8 in gemmlowp fixed point, bit for bit as TFLite's reference: differences to the maximum become Q5.26 by
 * (m, shift), exponentials sum as Q12.19, the logarithm is Q5.26, the output Q4.4 with zero point 127. `least`:
 * differences below count as nothing; (divisor, divisorShift) take a Q5.26 bound back to codes. dst may be src.
 * Overflow: 4095 classes.
 */
export function logSoftmax_i8(
  src: usize, dst: usize, rows: i32, classes: i32, m: i32, shift: i32, least: i32, divisor: i32, divisorShift: i32,
): void {
  for (let row = 0; row < rows; row++) {
    let top: i32 = -128;
    for (let c = 0; c < classes; c++) top = max(top, load<i8>(src + c) as i32);
    let total: i32 = 0;
    for (let c = 0; c < classes; c++) {
      const difference = (load<i8>(src + c) as i32) - top;
      if (difference >= least) total += rounding_shift(exp_negative(requantize(difference, m, shift)), 12);
    }
    const log = log_above_one(total);
    const bound = max(least - 1, requantize((log as u32 + 0x80000000) as i32, divisor, divisorShift));
    for (let c = 0; c < classes; c++) {
      const difference = (load<i8>(src + c) as i32) - top;
      const y = difference > bound ? rounding_shift(requantize(difference, m, shift) - log, 22) + 127 : -128;
      store<i8>(dst + c, clamp(y, -128, 127) as i8);
    }
    src += classes;
    dst += classes;
  }
}
