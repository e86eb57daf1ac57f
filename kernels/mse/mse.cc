#include "../kernel.h"

// Samples [begin, end), as mse.as.ts.
PITH_KERNEL(mse_f32) {
  const int size = a[4].i;
  const float *weights = a[2].f32;
  for (int n = begin; n < end; n++) {
    const float *x = a[0].f32 + n * size, *target = a[1].f32 + n * size;
    float acc = 0;
    for (int i = 0; i < size; i++) acc += (x[i] - target[i]) * (x[i] - target[i]);
    const float loss = acc / static_cast<float>(size);
    a[3].out[n] = weights ? loss * weights[n] : loss;
  }
}
