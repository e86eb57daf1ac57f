#include "../kernel.h"
#include "../numerics/transcendental.h"

// Rows [begin, end), as softmax_f32 of softmax.as.ts.
PITH_KERNEL(softmax_f32) {
  const int classes = a[2].i;
  const float beta = a[3].f;
  for (int row = begin; row < end; row++) {
    const float *x = a[0].f32 + row * classes;
    float *y = a[1].out + row * classes;
    float top = x[0];
    for (int c = 1; c < classes; c++) top = x[c] > top || x[c] != x[c] ? x[c] : top;
    for (int c = 0; c < classes; c++) y[c] = pith::exp_scalar(beta * (x[c] - top));
    float total = 0;
    for (int c = 0; c < classes; c++) total += y[c];
    for (int c = 0; c < classes; c++) y[c] /= total;
  }
}
