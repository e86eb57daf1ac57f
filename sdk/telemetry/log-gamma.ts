/**
 * ln Γ(x) for x > 0: Stirling's series (Abramowitz & Stegun 6.1.41) above 8, the recurrence Γ(x+1) = x Γ(x) below.
 * Relative error of the result below 1e-13 except next to its zeros at 1 and 2, where the absolute error is.
 */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 8; y++) shift += Math.log(y);
  const z = 1 / (y * y);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - (z * 691) / 360360))))) / y;
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
}

/** ln of the rising factorial a (a+1) … (a+c-1) = Γ(a+c) / Γ(a), for real c >= 0. */
export function logRising(a: number, c: number): number {
  return c === 0 ? 0 : logGamma(a + c) - logGamma(a);
}
