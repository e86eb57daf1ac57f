/** Samples [begin, end) of `size` values: ascending sum of squared differences over size, times the weight (0: none). */
export function mse_f32(x: usize, target: usize, weights: usize, dst: usize, size: i32, begin: i32, end: i32): void {
  for (let n = begin; n < end; n++) {
    const base = (n * size) << 2;
    let acc: f32 = 0;
    for (let i = 0; i < size; i++) {
      const d = load<f32>(x + base + (i << 2)) - load<f32>(target + base + (i << 2));
      acc += d * d;
    }
    const loss = acc / (size as f32);
    store<f32>(dst + (n << 2), weights ? loss * load<f32>(weights + (n << 2)) : loss);
  }
}
