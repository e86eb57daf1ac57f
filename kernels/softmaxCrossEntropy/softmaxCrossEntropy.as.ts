import { exp_scalar, log_scalar } from "../numerics/transcendental.as";

/**
 * Loss of samples [begin, end), with d[c] = x[c] - max: log(sum exp d) - (1 - smoothing) d[label] - smoothing / C sum d,
 * times the weight. Sums in ascending c, one accumulator. weights may be 0 (none).
 */
export function softmaxCrossEntropy_f32(
  logits: usize, labels: usize, weights: usize, dst: usize, classes: i32, smoothing: f32, begin: i32, end: i32,
): void {
  for (let n = begin; n < end; n++) {
    const x = logits + ((n * classes) << 2);
    const label = load<i32>(labels + (n << 2));
    let top = load<f32>(x);
    for (let c = 1; c < classes; c++) top = max<f32>(top, load<f32>(x + (c << 2)));
    let total: f32 = 0;
    let shifted: f32 = 0;
    let hit: f32 = 0;
    for (let c = 0; c < classes; c++) {
      const d = load<f32>(x + (c << 2)) - top;
      total += exp_scalar(d);
      shifted += d;
      if (c == label) hit = d;
    }
    // An outside label subtracts 0 instead of the hit, and of top: the target then sums to smoothing only.
    const whole: f32 = <u32>label < <u32>classes ? 0 : (<f32>1 - smoothing) * top;
    const loss = log_scalar(total) - (<f32>1 - smoothing) * hit - (smoothing / (classes as f32)) * shifted + whole;
    store<f32>(dst + (n << 2), weights ? loss * load<f32>(weights + (n << 2)) : loss);
  }
}
