/** Step on elements [begin, end) (sgdMomentum.ts has the formula); outputs may be param and velocity in place. */
export function sgdMomentum_f32(
  param: usize, grad: usize, velocity: usize, rate: usize, paramOut: usize, velocityOut: usize,
  momentum: f32, weightDecay: f32, nesterov: i32, begin: i32, end: i32,
): void {
  const stepSize = load<f32>(rate);
  for (let i = begin; i < end; i++) {
    const at = (i as usize) << 2;
    const p = load<f32>(param + at);
    const g = load<f32>(grad + at) + weightDecay * p;
    const v = momentum * load<f32>(velocity + at) + g;
    store<f32>(velocityOut + at, v);
    store<f32>(paramOut + at, p - stepSize * (nesterov ? g + momentum * v : v));
  }
}
