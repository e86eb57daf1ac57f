/**
 * f32 dense with int8 weights, which stay int8: dst[row, c] = clamp(bias[c] + scale[c] * sum_i src[row, i] * w[c, i]),
 * w the codes; i ascending, one accumulator of f32. scale: f32 [n]. bias may be 0 (none). Rows [begin, end).
 */
export function dense_f32_w8(
  src: usize, weights: usize, scale: usize, bias: usize, dst: usize,
  k: i32, n: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const x = src + ((row * k) << 2);
    let w = weights;
    for (let c = 0; c < n; c++) {
      let acc: f32 = 0;
      for (let i = 0; i < k; i++) acc += load<f32>(x + (i << 2)) * (load<i8>(w++) as f32);
      const y = acc * load<f32>(scale + (c << 2)) + (bias ? load<f32>(bias + (c << 2)) : <f32>0);
      store<f32>(dst + ((row * n + c) << 2), min<f32>(max<f32>(y, lo), hi));
    }
  }
}
