import { exp_scalar } from "../numerics/transcendental.as";

/**
 * dx of samples [begin, end) (the formula is in the definition). The sum of exponentials ascends in c, one
 * accumulator. weights may be 0 (none); dst may be logits: each row is read before it is written over.
 */
export function softmaxCrossEntropyGradient_f32(
  logits: usize, labels: usize, outGrad: usize, weights: usize, dst: usize, classes: i32, smoothing: f32, begin: i32, end: i32,
): void {
  for (let n = begin; n < end; n++) {
    const x = logits + ((n * classes) << 2);
    const y = dst + ((n * classes) << 2);
    const label = load<i32>(labels + (n << 2));
    let top = load<f32>(x);
    for (let c = 1; c < classes; c++) top = max<f32>(top, load<f32>(x + (c << 2)));
    let total: f32 = 0;
    for (let c = 0; c < classes; c++) {
      const e = exp_scalar(load<f32>(x + (c << 2)) - top);
      store<f32>(y + (c << 2), e);
      total += e;
    }
    let scale = load<f32>(outGrad + (n << 2));
    if (weights) scale *= load<f32>(weights + (n << 2));
    const low = smoothing / (classes as f32);
    for (let c = 0; c < classes; c++) {
      const target = c == label ? low + (<f32>1 - smoothing) : low;
      store<f32>(y + (c << 2), scale * (load<f32>(y + (c << 2)) / total - target));
    }
  }
}
