#include "../kernel.h"

// batchNormTrainGrad_f32 of batchNormTrainGrad.as.ts: the same order of each sum, a block of channels side by side.
PITH_KERNEL(batchNormTrainGrad_f32) {
  constexpr int BLOCK = 32;
  const float *dy = a[0].f32, *src = a[1].f32, *gamma = a[2].f32, *mean = a[3].f32, *variance = a[4].f32;
  float *dx = a[5].out, *dgamma = a[6].out, *dbeta = a[7].out;
  const int rows = a[8].i, channels = a[9].i;
  const float epsilon = a[10].f, count = static_cast<float>(rows);
  for (int first = begin; first < end; first += BLOCK) {
    const int width = end - first < BLOCK ? end - first : BLOCK;
    double total[BLOCK] = {}, product[BLOCK] = {};
    float ratio[BLOCK], shift[BLOCK], slope[BLOCK];
    for (int64_t row = 0; row < rows; row++) {
      const float *g = dy + row * channels + first, *x = src + row * channels + first;
      for (int c = 0; c < width; c++) {
        total[c] += static_cast<double>(g[c]);
        product[c] += static_cast<double>(g[c]) * static_cast<double>(x[c] - mean[first + c]);
      }
    }
    for (int c = 0; c < width; c++) {
      const float rstd = 1.0f / std::sqrt(variance[first + c] + epsilon);
      const float forBeta = static_cast<float>(total[c]), forGamma = rstd * static_cast<float>(product[c]);
      ratio[c] = gamma[first + c] * rstd;
      shift[c] = forBeta / count;
      slope[c] = rstd * forGamma / count;
      dgamma[first + c] = forGamma;
      dbeta[first + c] = forBeta;
    }
    for (int64_t row = 0; row < rows; row++) {
      const float *g = dy + row * channels + first, *x = src + row * channels + first;
      float *d = dx + row * channels + first;
      for (int c = 0; c < width; c++) d[c] = ratio[c] * (g[c] - shift[c] - (x[c] - mean[first + c]) * slope[c]);
    }
  }
}
