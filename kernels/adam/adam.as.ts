/** base^n for n >= 0 by repeated squaring, in f64 so that 1 - base^n keeps f32 precision. */
function power(base: f64, n: i32): f64 {
  let result: f64 = 1;
  for (; n > 0; n >>= 1) {
    if (n & 1) result *= base;
    base *= base;
  }
  return result;
}

/** Adam step on elements [begin, end) (adam.ts has the formula); outputs may be param, m and v in place. */
export function adam_f32(
  param: usize, grad: usize, m: usize, v: usize, rate: usize, step: usize, paramOut: usize, mOut: usize, vOut: usize,
  beta1: f32, beta2: f32, epsilon: f32, weightDecay: f32, begin: i32, end: i32,
): void {
  const t = load<i32>(step);
  const stepSize = load<f32>(rate) / ((1 - power(beta1 as f64, t)) as f32);
  const unbias = <f32>1 / sqrt<f32>((1 - power(beta2 as f64, t)) as f32);
  const decay = load<f32>(rate) * weightDecay;
  for (let i = begin; i < end; i++) {
    const at = (i as usize) << 2;
    const g = load<f32>(grad + at);
    const p = load<f32>(param + at);
    const m1 = beta1 * load<f32>(m + at) + (<f32>1 - beta1) * g;
    const v1 = beta2 * load<f32>(v + at) + (<f32>1 - beta2) * (g * g);
    store<f32>(mOut + at, m1);
    store<f32>(vOut + at, v1);
    store<f32>(paramOut + at, p - decay * p - (stepSize * m1) / (sqrt<f32>(v1) * unbias + epsilon));
  }
}
