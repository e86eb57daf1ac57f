#include "../kernel.h"
#include "../numerics/transcendental.h"

// logSoftmax_f32 of logSoftmax.as.ts. dst may be src.
PITH_KERNEL(logSoftmax_f32) {
  const int rows = a[2].i, classes = a[3].i;
  for (int row = 0; row < rows; row++) {
    const float *x = a[0].f32 + row * classes;
    float *y = a[1].out + row * classes;
    float top = x[0];
    for (int c = 1; c < classes; c++) top = x[c] > top || x[c] != x[c] ? x[c] : top;
    float total = 0;
    for (int c = 0; c < classes; c++) total += pith::exp_scalar(x[c] - top);
    const float log = pith::log_scalar(total);
    for (int c = 0; c < classes; c++) y[c] = x[c] - top - log;
  }
}
