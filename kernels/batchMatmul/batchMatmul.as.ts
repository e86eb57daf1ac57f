/**
 * Batched products of two matrices: dst[b, row, c] = sum_i x[row * aRow + i * aStep] * y[i * bStep + c * bColumn], where
 * batch b = (b0, b1, b2) of d0 * d1 * d2 starts at a + b0 * a0 + b1 * a1 + b2 * a2 and likewise in b; a stride of 0
 * repeats. Strides in elements; dst [b, m, n] row-major, no overlap with a or b.
 */
import { clamp, requantize } from "../numerics/requantize.as";
import { requantize_wide } from "../numerics/requantize-wide.as";

/**
 * int8 with zero points zpA, zpB. Rounding: requantize. Overflow: |x - zpA| <= 255 and |y - zpB| <= 255 allow
 * k <= 33 025.
 */
export function batchMatmul_i8(
  a: usize, b: usize, dst: usize, d0: i32, d1: i32, d2: i32, a0: i32, a1: i32, a2: i32, b0: i32, b1: i32, b2: i32,
  m: i32, k: i32, n: i32, aRow: i32, aStep: i32, bStep: i32, bColumn: i32,
  zpA: i32, zpB: i32, multiplier: i32, shift: i32, zpOut: i32,
): void {
  for (let i0 = 0; i0 < d0; i0++)
    for (let i1 = 0; i1 < d1; i1++)
      for (let i2 = 0; i2 < d2; i2++)
        for (let row = 0; row < m; row++)
          for (let c = 0; c < n; c++) {
            let x = a + i0 * a0 + i1 * a1 + i2 * a2 + row * aRow;
            let y = b + i0 * b0 + i1 * b1 + i2 * b2 + c * bColumn;
            let acc = 0;
            for (let i = 0; i < k; i++) {
              acc += ((load<i8>(x) as i32) - zpA) * ((load<i8>(y) as i32) - zpB);
              x += aStep;
              y += bStep;
            }
            store<i8>(dst++, clamp(requantize(acc, multiplier, shift) + zpOut, -128, 127) as i8);
          }
}

/** int16, symmetric, sums of 64 bits. Rounding: requantize_wide with the reduced multiplier. */
export function batchMatmul_i16(
  a: usize, b: usize, dst: usize, d0: i32, d1: i32, d2: i32, a0: i32, a1: i32, a2: i32, b0: i32, b1: i32, b2: i32,
  m: i32, k: i32, n: i32, aRow: i32, aStep: i32, bStep: i32, bColumn: i32, multiplier: i32, right: i32,
): void {
  for (let i0 = 0; i0 < d0; i0++)
    for (let i1 = 0; i1 < d1; i1++)
      for (let i2 = 0; i2 < d2; i2++)
        for (let row = 0; row < m; row++)
          for (let c = 0; c < n; c++) {
            let x = a + ((i0 * a0 + i1 * a1 + i2 * a2 + row * aRow) << 1);
            let y = b + ((i0 * b0 + i1 * b1 + i2 * b2 + c * bColumn) << 1);
            let acc: i64 = 0;
            for (let i = 0; i < k; i++) {
              // -32768 * -32768 fits in 32 bits.
              acc += ((load<i16>(x) as i32) * (load<i16>(y) as i32)) as i64;
              x += aStep << 1;
              y += bStep << 1;
            }
            store<i16>(dst, clamp(requantize_wide(acc, multiplier, right), -32768, 32767) as i16);
            dst += 2;
          }
}

/** f32; i ascending, one accumulator. Output rows [begin, end) of d0 * d1 * d2 * m. */
export function batchMatmul_f32(
  a: usize, b: usize, dst: usize, d0: i32, d1: i32, d2: i32, a0: i32, a1: i32, a2: i32, b0: i32, b1: i32, b2: i32,
  m: i32, k: i32, n: i32, aRow: i32, aStep: i32, bStep: i32, bColumn: i32, begin: i32, end: i32,
): void {
  for (let r = begin; r < end; r++) {
    const batch = r / m;
    const i2 = batch % d2;
    const i1 = (batch / d2) % d1;
    const i0 = batch / (d2 * d1);
    for (let c = 0; c < n; c++) {
      let x = a + ((i0 * a0 + i1 * a1 + i2 * a2 + (r % m) * aRow) << 2);
      let y = b + ((i0 * b0 + i1 * b1 + i2 * b2 + c * bColumn) << 2);
      let acc: f32 = 0;
      for (let i = 0; i < k; i++) {
        acc += load<f32>(x) * load<f32>(y);
        x += aStep << 2;
        y += bStep << 2;
      }
      store<f32>(dst + ((r * n + c) << 2), acc);
    }
  }
}
