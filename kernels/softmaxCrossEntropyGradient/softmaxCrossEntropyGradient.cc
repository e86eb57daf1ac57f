#include "../kernel.h"
#include "../numerics/transcendental.h"

// Samples [begin, end); formula and order of softmaxCrossEntropyGradient.as.ts.
PITH_KERNEL(softmaxCrossEntropyGradient_f32) {
  const float *logits = a[0].f32, *outGrad = a[2].f32, *weights = a[3].f32;
  const int32_t *labels = a[1].i32;
  const int classes = a[5].i;
  const float smoothing = a[6].f, low = smoothing / static_cast<float>(classes);
  for (int n = begin; n < end; n++) {
    const float *x = logits + n * classes;
    float *y = a[4].out + n * classes;
    float top = x[0];
    for (int c = 1; c < classes; c++) top = x[c] > top || x[c] != x[c] ? x[c] : top;
    float total = 0;
    for (int c = 0; c < classes; c++) y[c] = pith::exp_scalar(x[c] - top);
    for (int c = 0; c < classes; c++) total += y[c];
    const float scale = weights ? outGrad[n] * weights[n] : outGrad[n];
    for (int c = 0; c < classes; c++) {
      const float target = c == labels[n] ? low + (1.0f - smoothing) : low;
      y[c] = scale * (y[c] / total - target);
    }
  }
}
