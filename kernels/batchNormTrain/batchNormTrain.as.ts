/**
 * mean[c] = sum_row src[row, c] / rows; variance[c] = sum_row (src[row, c] - mean)^2 / rows, both summed in f64 in order
 * of rows with the f64 mean and then rounded; dst = (src - mean) * (gamma / sqrt(variance + epsilon)) + beta in f32.
 * dst must not alias src. Channels [begin, end).
 */
export function batchNormTrain_f32(
  src: usize, gamma: usize, beta: usize, dst: usize, mean: usize, variance: usize,
  rows: i32, channels: i32, epsilon: f32, begin: i32, end: i32,
): void {
  const step = channels << 2;
  for (let c = begin; c < end; c++) {
    const at = c << 2;
    let total: f64 = 0;
    let x = src + at;
    for (let row = 0; row < rows; row++, x += step) total += load<f32>(x) as f64;
    const center = total / (rows as f64);
    let squares: f64 = 0;
    x = src + at;
    for (let row = 0; row < rows; row++, x += step) {
      const d = (load<f32>(x) as f64) - center;
      squares += d * d;
    }
    const m = center as f32;
    const v = (squares / (rows as f64)) as f32;
    store<f32>(mean + at, m);
    store<f32>(variance + at, v);
    const ratio = load<f32>(gamma + at) / sqrt<f32>(v + epsilon);
    const b = load<f32>(beta + at);
    x = src + at;
    let y = dst + at;
    for (let row = 0; row < rows; row++, x += step, y += step) store<f32>(y, (load<f32>(x) - m) * ratio + b);
  }
}
