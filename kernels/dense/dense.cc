#include "../kernel.h"

// dense_f32 of dense.as.ts: rows [begin, end), i ascending, one accumulator a lane.
PITH_KERNEL(dense_f32) {
  const float *src = a[0].f32, *weights = a[1].f32, *bias = a[2].f32;
  float *dst = a[3].out;
  const int k = a[4].i, n = a[5].i;
  const float lo = a[6].f, hi = a[7].f;
  for (int row = begin; row < end; row++) {
    const float *x = src + row * k;
    for (int c = 0; c < n; c++) {
      const float *w = weights + c * k;
      float acc = bias ? bias[c] : 0.0f;
      for (int i = 0; i < k; i++) acc += x[i] * w[i];
      dst[row * n + c] = clamp(acc, lo, hi);
    }
  }
}
