#include "../kernel.h"

// l2Normalization_f32 of l2Normalization.as.ts. dst may be src.
PITH_KERNEL(l2Normalization_f32) {
  const int rows = a[2].i, depth = a[3].i;
  for (int row = 0; row < rows; row++) {
    const float *x = a[0].f32 + row * depth;
    float *y = a[1].out + row * depth;
    float acc = 0;
    for (int i = 0; i < depth; i++) acc += x[i] * x[i];
    const float root = std::sqrt(acc);
    const float norm = root < 1e-6f ? 1e-6f : root;
    for (int i = 0; i < depth; i++) y[i] = x[i] / norm;
  }
}
