/**
 * dst[row, c] = sum_i a[row * aRow + i * aStep] * b[i * bStep + c * bColumn]; strides in elements, i ascending, one
 * accumulator. Rows [begin, end). dst must not alias a or b.
 */
export function matmul_f32(
  a: usize, b: usize, dst: usize, k: i32, n: i32, aRow: i32, aStep: i32, bStep: i32, bColumn: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++)
    for (let c = 0; c < n; c++) {
      let acc: f32 = 0;
      let x = a + ((row * aRow) << 2);
      let y = b + ((c * bColumn) << 2);
      for (let i = 0; i < k; i++) {
        acc += load<f32>(x) * load<f32>(y);
        x += aStep << 2;
        y += bStep << 2;
      }
      store<f32>(dst + ((row * n + c) << 2), acc);
    }
}
