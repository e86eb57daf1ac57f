/**
 * dst[row, c] = (src[row, c] - mean[c]) * (gamma[c] / sqrt(variance[c] + epsilon)) + beta[c], each operation rounded to
 * f32. dst may be src. Rows [begin, end).
 */
export function batchNorm_f32(
  src: usize, gamma: usize, beta: usize, mean: usize, variance: usize, dst: usize,
  channels: i32, epsilon: f32, begin: i32, end: i32,
): void {
  for (let c = 0; c < channels; c++) {
    const at = c << 2;
    const ratio = load<f32>(gamma + at) / sqrt<f32>(load<f32>(variance + at) + epsilon);
    const m = load<f32>(mean + at);
    const b = load<f32>(beta + at);
    for (let row = begin; row < end; row++) {
      const i = ((row * channels) << 2) + at;
      store<f32>(dst + i, (load<f32>(src + i) - m) * ratio + b);
    }
  }
}
