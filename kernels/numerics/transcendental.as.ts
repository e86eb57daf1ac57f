/**
 * exp, log, sin and cos in f32: one algorithm in AssemblyScript and C++ (transcendental.h), so that both give the
 * same bits. Range reduction and minimax polynomials as in Cephes (S. Moshier, single precision: expf.c, logf.c,
 * sinf.c). No tables, no library calls. Relative error of exp and log below 2^-22 over the normal range (tested).
 */

/** Rounds half to even for |x| < 2^22: the sum has no fraction bits left. */
// @ts-ignore: decorator
@inline
function roundEven(x: f32): f32 {
  return nearest<f32>(x);
}

/** e^x; 0 below -87.33 (no subnormal results), infinity above 88.72, NaN for NaN. */
// @ts-ignore: decorator
@inline
export function exp_scalar(x: f32): f32 {
  const clamped = min<f32>(max<f32>(x, -87.33), 88.8);
  const n = roundEven(clamped * <f32>1.44269504);
  // ln 2 in two parts, the first exact in 9 bits, so that n * part is exact.
  const r = clamped - n * <f32>0.693359375 - n * <f32>-2.12194440e-4;
  let p: f32 = <f32>1.9875691500e-4;
  p = p * r + <f32>1.3981999507e-3;
  p = p * r + <f32>8.3334519073e-3;
  p = p * r + <f32>4.1665795894e-2;
  p = p * r + <f32>1.6666665459e-1;
  p = p * r + <f32>5.0000001201e-1;
  p = p * (r * r) + r + <f32>1;
  // 2^n as two factors: n reaches 128, which no single exponent holds.
  const whole = n as i32;
  const half = whole >> 1;
  const y = p * reinterpret<f32>((half + 127) << 23) * reinterpret<f32>((whole - half + 127) << 23);
  return x < <f32>-87.33 ? <f32>0 : y;
}

/** Natural logarithm; -infinity for 0, NaN below. */
// @ts-ignore: decorator
@inline
export function log_scalar(x: f32): f32 {
  const tiny = x < <f32>1.17549435e-38;
  const scaled = tiny ? x * <f32>8388608 : x;
  const bits = reinterpret<i32>(scaled);
  // Mantissa in [sqrt(1/2), sqrt(2)): 0x3f3504f3 is sqrt(1/2).
  const above = (bits - 0x3f3504f3) >> 23;
  const e = (above - (tiny ? 23 : 0)) as f32;
  const m = reinterpret<f32>(bits - (above << 23)) - <f32>1;
  const z = m * m;
  let p: f32 = <f32>7.0376836292e-2;
  p = p * m + <f32>-1.1514610310e-1;
  p = p * m + <f32>1.1676998740e-1;
  p = p * m + <f32>-1.2420140846e-1;
  p = p * m + <f32>1.4249322787e-1;
  p = p * m + <f32>-1.6668057665e-1;
  p = p * m + <f32>2.0000714765e-1;
  p = p * m + <f32>-2.4999993993e-1;
  p = p * m + <f32>3.3333331174e-1;
  const y = m + (p * m * z + e * <f32>-2.12194440e-4 - <f32>0.5 * z) + e * <f32>0.693359375;
  const ordinary = x > 0 ? y : x == 0 ? -(<f32>Infinity) : <f32>NaN;
  return x < <f32>Infinity ? ordinary : x;
}

/** sin of turns + quarters / 4, |turns| < 2^21: quarter turns come off exactly. */
// @ts-ignore: decorator
@inline
function sinQuarters(turns: f32, quarters: i32): f32 {
  const whole = roundEven(turns * <f32>4);
  const r = (turns - whole * <f32>0.25) * <f32>6.28318531;
  const q = (whole as i32) + quarters;
  const y = q & 1 ? cosPolynomial(r) : sinPolynomial(r);
  return q & 2 ? -y : y;
}

// @ts-ignore: decorator
@inline
export function sinTurns(turns: f32): f32 {
  return sinQuarters(turns, 0);
}

// @ts-ignore: decorator
@inline
export function cosTurns(turns: f32): f32 {
  return sinQuarters(turns, 1);
}

/** |r| <= pi / 4. */
// @ts-ignore: decorator
@inline
function sinPolynomial(r: f32): f32 {
  const z = r * r;
  let p: f32 = <f32>-1.9515295891e-4;
  p = p * z + <f32>8.3321608736e-3;
  p = p * z + <f32>-1.6666654611e-1;
  return p * z * r + r;
}

// @ts-ignore: decorator
@inline
function cosPolynomial(r: f32): f32 {
  const z = r * r;
  let p: f32 = <f32>2.443315711809948e-5;
  p = p * z + <f32>-1.388731625493765e-3;
  p = p * z + <f32>4.166664568298827e-2;
  return p * z * z - <f32>0.5 * z + <f32>1;
}

/** 1 / (1 + e^-x), absolute error below 2^-23; 0 below -88.8. */
// @ts-ignore: decorator
@inline
export function logistic_scalar(x: f32): f32 {
  return <f32>1 / (<f32>1 + exp_scalar(-x));
}

/** Hyperbolic tangent, relative error below 2^-21: a polynomial on |x| < 5/8 (Cephes tanhf.c), 1 - 2 / (e^2|x| + 1) beyond. */
// @ts-ignore: decorator
@inline
export function tanh_scalar(x: f32): f32 {
  const z = x * x;
  let p: f32 = <f32>-5.70498872745e-3;
  p = p * z + <f32>2.06390887954e-2;
  p = p * z + <f32>-5.37397155531e-2;
  p = p * z + <f32>1.33314422036e-1;
  p = p * z + <f32>-3.33332819422e-1;
  const near = p * z * x + x;
  const size = abs<f32>(x);
  const far = <f32>1 - <f32>2 / (exp_scalar(size + size) + <f32>1);
  return size < <f32>0.625 ? near : x < 0 ? -far : far;
}

/**
 * sin(x + quarters * pi / 2): absolute error below 2^-22 for |x| <= 8192 (tested), growing with the spacing of f32 beyond; always
 * in [-1, 1]. pi / 2 comes off in three parts (Cephes sinf.c), of which the first two multiply exactly.
 */
// @ts-ignore: decorator
@inline
function sinRadians(x: f32, quarters: i32): f32 {
  const n = min<f32>(max<f32>(roundEven(x * <f32>0.636619772), -2097152), 2097152);
  const rest = x - n * <f32>1.5703125 - n * <f32>4.837512969970703125e-4 - n * <f32>7.54978995489188216e-8;
  const r = min<f32>(max<f32>(rest, <f32>-0.78539819), <f32>0.78539819);
  const q = (n as i32) + quarters;
  const y = q & 1 ? cosPolynomial(r) : sinPolynomial(r);
  return q & 2 ? -y : y;
}

export function sin_scalar(x: f32): f32 {
  return sinRadians(x, 0);
}

export function cos_scalar(x: f32): f32 {
  return sinRadians(x, 1);
}
