#include "../kernel.h"
#include "../numerics/transcendental.h"

// Samples [begin, end); formula and order of softmaxCrossEntropy.as.ts.
PITH_KERNEL(softmaxCrossEntropy_f32) {
  const float *logits = a[0].f32, *weights = a[2].f32;
  const int32_t *labels = a[1].i32;
  float *dst = a[3].out;
  const int classes = a[4].i;
  const float smoothing = a[5].f;
  for (int n = begin; n < end; n++) {
    const float *x = logits + n * classes;
    const int label = labels[n];
    float top = x[0];
    for (int c = 1; c < classes; c++) top = x[c] > top || x[c] != x[c] ? x[c] : top;
    float total = 0, shifted = 0, hit = 0;
    for (int c = 0; c < classes; c++) {
      const float d = x[c] - top;
      total += pith::exp_scalar(d);
      shifted += d;
      if (c == label) hit = d;
    }
    const float whole = label >= 0 && label < classes ? 0.0f : (1.0f - smoothing) * top;
    const float loss = pith::log_scalar(total) - (1.0f - smoothing) * hit - smoothing / static_cast<float>(classes) * shifted + whole;
    dst[n] = weights ? loss * weights[n] : loss;
  }
}
