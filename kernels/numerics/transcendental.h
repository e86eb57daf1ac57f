// exp, log, sin and cos in f32, operation for operation as transcendental.as.ts (which has the sources and bounds).
// Branch-free, so that loops over them vectorize. Needs -ffp-contract=off.
#pragma once
#include <cstdint>
#include <cstring>

namespace pith {

static inline float bitsToFloat(int32_t bits) {
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}

static inline int32_t floatToBits(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, 4);
  return bits;
}

// Half to even for |x| < 2^22: after the first sum no fraction bits are left.
static inline float roundEven(float x) { return (x + 12582912.0f) - 12582912.0f; }

static inline float exp_scalar(float x) {
  const float raised = x < -87.33f ? -87.33f : x;
  const float clamped = raised > 88.8f ? 88.8f : raised;
  const float n = roundEven(clamped * 1.44269504f);
  const float r = clamped - n * 0.693359375f - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const int32_t whole = n == n ? static_cast<int32_t>(n) : 0;
  const int32_t half = whole >> 1;
  const float y = p * bitsToFloat((half + 127) << 23) * bitsToFloat((whole - half + 127) << 23);
  return x < -87.33f ? 0.0f : y;
}

static inline float log_scalar(float x) {
  const bool tiny = x < 1.17549435e-38f;
  const float scaled = tiny ? x * 8388608.0f : x;
  const int32_t bits = floatToBits(scaled);
  const int32_t above = static_cast<int32_t>(static_cast<uint32_t>(bits) - 0x3f3504f3u) >> 23;
  const float e = static_cast<float>(above - (tiny ? 23 : 0));
  const float m = bitsToFloat(static_cast<int32_t>(static_cast<uint32_t>(bits) - (static_cast<uint32_t>(above) << 23))) - 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m + -1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m + -1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m + -1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m + -2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const float y = m + (p * m * z + e * -2.12194440e-4f - 0.5f * z) + e * 0.693359375f;
  // Selected by masks: of selects between floats the compiler makes jumps, which do not vectorize.
  const int32_t positive = -static_cast<int32_t>(x > 0.0f), finite = -static_cast<int32_t>(x < __builtin_inff());
  const int32_t special = x == 0.0f ? floatToBits(-__builtin_inff()) : floatToBits(__builtin_nanf(""));
  const int32_t result = (floatToBits(y) & positive) | (special & ~positive);
  return bitsToFloat((result & finite) | (floatToBits(x) & ~finite));
}

static inline float sinPolynomial(float r) {
  const float z = r * r;
  float p = -1.9515295891e-4f;
  p = p * z + 8.3321608736e-3f;
  p = p * z + -1.6666654611e-1f;
  return p * z * r + r;
}

static inline float cosPolynomial(float r) {
  const float z = r * r;
  float p = 2.443315711809948e-5f;
  p = p * z + -1.388731625493765e-3f;
  p = p * z + 4.166664568298827e-2f;
  return p * z * z - 0.5f * z + 1.0f;
}

static inline float sinQuarters(float turns, int32_t quarters) {
  const float whole = roundEven(turns * 4.0f);
  const float r = (turns - whole * 0.25f) * 6.28318531f;
  const int32_t q = static_cast<int32_t>(whole) + quarters;
  const int32_t odd = -(q & 1);
  const int32_t y = (floatToBits(cosPolynomial(r)) & odd) | (floatToBits(sinPolynomial(r)) & ~odd);
  return bitsToFloat(static_cast<int32_t>(static_cast<uint32_t>(y) ^ static_cast<uint32_t>(q & 2) << 30));
}

static inline float sinTurns(float turns) { return sinQuarters(turns, 0); }

static inline float cosTurns(float turns) { return sinQuarters(turns, 1); }

static inline float logistic_scalar(float x) { return 1.0f / (1.0f + exp_scalar(-x)); }

static inline float tanh_scalar(float x) {
  const float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z + -5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z + -3.33332819422e-1f;
  const float near = p * z * x + x;
  const float size = __builtin_fabsf(x);
  const float far = 1.0f - 2.0f / (exp_scalar(size + size) + 1.0f);
  return size < 0.625f ? near : x < 0.0f ? -far : far;
}

static inline float sinRadians(float x, int32_t quarters) {
  const float turns = x * 0.636619772f;
  const float held = turns < -2097152.0f ? -2097152.0f : turns > 2097152.0f ? 2097152.0f : turns;
  const float n = roundEven(held);
  const float rest = x - n * 1.5703125f - n * 4.837512969970703125e-4f - n * 7.54978995489188216e-8f;
  const float r = rest < -0.78539819f ? -0.78539819f : rest > 0.78539819f ? 0.78539819f : rest;
  const int32_t q = static_cast<int32_t>(n == n ? n : 0.0f) + quarters;
  const int32_t odd = -(q & 1);
  const int32_t y = (floatToBits(cosPolynomial(r)) & odd) | (floatToBits(sinPolynomial(r)) & ~odd);
  return bitsToFloat(static_cast<int32_t>(static_cast<uint32_t>(y) ^ static_cast<uint32_t>(q & 2) << 30));
}

static inline float sin_scalar(float x) { return sinRadians(x, 0); }

static inline float cos_scalar(float x) { return sinRadians(x, 1); }

}  // namespace pith
