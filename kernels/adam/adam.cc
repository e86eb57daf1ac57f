#include "../kernel.h"

// base^n by repeated squaring, as adam.as.ts.
static double power(double base, int n) {
  double result = 1;
  for (; n > 0; n >>= 1) {
    if (n & 1) result *= base;
    base *= base;
  }
  return result;
}

PITH_KERNEL(adam_f32) {
  const float *param = a[0].f32, *grad = a[1].f32, *m = a[2].f32, *v = a[3].f32;
  const float rate = a[4].f32[0];
  const int t = a[5].i32[0];
  float *paramOut = a[6].out, *mOut = a[7].out, *vOut = a[8].out;
  const float beta1 = a[9].f, beta2 = a[10].f, epsilon = a[11].f;
  const float stepSize = rate / static_cast<float>(1 - power(static_cast<double>(beta1), t));
  const float unbias = 1.0f / __builtin_sqrtf(static_cast<float>(1 - power(static_cast<double>(beta2), t)));
  const float decay = rate * a[12].f;
  // Outputs may be inputs at the same index, never at another.
#pragma GCC ivdep
  for (int i = begin; i < end; i++) {
    const float g = grad[i], p = param[i];
    const float m1 = beta1 * m[i] + (1.0f - beta1) * g;
    const float v1 = beta2 * v[i] + (1.0f - beta2) * (g * g);
    mOut[i] = m1;
    vOut[i] = v1;
    paramOut[i] = p - decay * p - (stepSize * m1) / (__builtin_sqrtf(v1) * unbias + epsilon);
  }
}
