/**
 * dbeta[c] = sum_row dy; dgamma[c] = rstd * sum_row dy * (x - mean), both summed in f64 in order of rows, rstd =
 * 1 / sqrt(variance + epsilon) in f32; dx = (gamma * rstd) * (dy - dbeta / rows - (x - mean) * slope), with
 * slope = rstd * dgamma / rows, in f32. dx may be dy. Channels [begin, end).
 */
export function batchNormTrainGrad_f32(
  dy: usize, src: usize, gamma: usize, mean: usize, variance: usize, dx: usize, dgamma: usize, dbeta: usize,
  rows: i32, channels: i32, epsilon: f32, begin: i32, end: i32,
): void {
  const step = channels << 2;
  for (let c = begin; c < end; c++) {
    const at = c << 2;
    const m = load<f32>(mean + at);
    let total: f64 = 0;
    let product: f64 = 0;
    let i = at;
    for (let row = 0; row < rows; row++, i += step) {
      const g = load<f32>(dy + i) as f64;
      total += g;
      product += g * ((load<f32>(src + i) - m) as f64);
    }
    const rstd: f32 = 1 / sqrt<f32>(load<f32>(variance + at) + epsilon);
    const forBeta = total as f32;
    const forGamma = rstd * (product as f32);
    const ratio = load<f32>(gamma + at) * rstd;
    const shift = forBeta / (rows as f32);
    const slope = (rstd * forGamma) / (rows as f32);
    i = at;
    for (let row = 0; row < rows; row++, i += step)
      store<f32>(dx + i, ratio * (load<f32>(dy + i) - shift - (load<f32>(src + i) - m) * slope));
    store<f32>(dgamma + at, forGamma);
    store<f32>(dbeta + at, forBeta);
  }
}
