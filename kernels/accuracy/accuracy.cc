#include "../kernel.h"

// Samples [begin, end), as accuracy.as.ts.
PITH_KERNEL(accuracy_f32) {
  const int classes = a[3].i;
  for (int n = begin; n < end; n++) {
    const float *x = a[0].f32 + n * classes;
    int best = 0;
    for (int c = 1; c < classes; c++)
      if (x[c] > x[best]) best = c;
    a[2].out[n] = best == a[1].i32[n] ? 1.0f : 0.0f;
  }
}
