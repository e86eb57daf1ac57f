#include "../kernel.h"

// batchNorm_f32 of batchNorm.as.ts, channels side by side; the ratios of a block of channels are computed once.
PITH_KERNEL(batchNorm_f32) {
  constexpr int BLOCK = 64;
  const float *src = a[0].f32, *gamma = a[1].f32, *beta = a[2].f32, *mean = a[3].f32, *variance = a[4].f32;
  float *dst = a[5].out;
  const int channels = a[6].i;
  const float epsilon = a[7].f;
  for (int first = 0; first < channels; first += BLOCK) {
    const int width = channels - first < BLOCK ? channels - first : BLOCK;
    float ratio[BLOCK];
    for (int c = 0; c < width; c++) ratio[c] = gamma[first + c] / std::sqrt(variance[first + c] + epsilon);
    for (int row = begin; row < end; row++) {
      const float *x = src + static_cast<int64_t>(row) * channels + first;
      float *y = dst + static_cast<int64_t>(row) * channels + first;
      for (int c = 0; c < width; c++) y[c] = (x[c] - mean[first + c]) * ratio[c] + beta[first + c];
    }
  }
}
