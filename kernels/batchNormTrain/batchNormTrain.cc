#include "../kernel.h"

// batchNormTrain_f32 of batchNormTrain.as.ts: the same order of each sum, a block of channels side by side.
PITH_KERNEL(batchNormTrain_f32) {
  constexpr int BLOCK = 32;
  const float *src = a[0].f32, *gamma = a[1].f32, *beta = a[2].f32;
  float *dst = a[3].out, *mean = a[4].out, *variance = a[5].out;
  const int rows = a[6].i, channels = a[7].i;
  const float epsilon = a[8].f;
  for (int first = begin; first < end; first += BLOCK) {
    const int width = end - first < BLOCK ? end - first : BLOCK;
    double center[BLOCK] = {}, squares[BLOCK] = {};
    float ratio[BLOCK];
    for (int64_t row = 0; row < rows; row++) {
      const float *x = src + row * channels + first;
      for (int c = 0; c < width; c++) center[c] += static_cast<double>(x[c]);
    }
    for (int c = 0; c < width; c++) center[c] /= rows;
    for (int64_t row = 0; row < rows; row++) {
      const float *x = src + row * channels + first;
      for (int c = 0; c < width; c++) {
        const double d = static_cast<double>(x[c]) - center[c];
        squares[c] += d * d;
      }
    }
    for (int c = 0; c < width; c++) {
      mean[first + c] = static_cast<float>(center[c]);
      variance[first + c] = static_cast<float>(squares[c] / rows);
      ratio[c] = gamma[first + c] / std::sqrt(variance[first + c] + epsilon);
    }
    for (int64_t row = 0; row < rows; row++) {
      const float *x = src + row * channels + first;
      float *y = dst + row * channels + first;
      for (int c = 0; c < width; c++) y[c] = (x[c] - mean[first + c]) * ratio[c] + beta[first + c];
    }
  }
}
