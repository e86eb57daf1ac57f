import { exp_negative, high_product, reciprocal, rounding_shift } from "../numerics/fixed-point.as";
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
 * int8 softmax in gemmlowp fixed point, bit for bit as TFLite's reference: differences to the maximum become Q5.26
 * by (m, shift), their exponentials Q0.31 are summed as Q12.19, the reciprocal comes from three Newton steps.
 * scratch: i32 [classes]. dst may be src. Differences below `least` (<= 0) give 0. Overflow: 4095 classes.
 */
export function softmax_i8(src: usize, dst: usize, scratch: usize, rows: i32, classes: i32, m: i32, shift: i32, least: i32): void {
  for (let row = 0; row < rows; row++) {
    let top: i32 = -128;
    for (let c = 0; c < classes; c++) top = max(top, load<i8>(src + c) as i32);
    let total: i32 = 0;
    for (let c = 0; c < classes; c++) {
      const difference = (load<i8>(src + c) as i32) - top;
      let e: i32 = 0;
      if (difference >= least) {
        e = exp_negative(high_product(difference << shift, m));
        total += rounding_shift(e, 12);
      }
      store<i32>(scratch + (c << 2), e);
    }
    const headroom = clz<i32>(total);
    const scale = reciprocal(((total << headroom) as u32 - 0x80000000) as i32);
    for (let c = 0; c < classes; c++) {
      const y = rounding_shift(high_product(scale, load<i32>(scratch + (c << 2))), 12 - headroom + 23);
      store<i8>(dst + c, max(-128, min(127, y - 128)) as i8);
    }
    src += classes;
    dst += classes;
  }
}
