#include "../kernel.h"

// transposeConv_f32 of transposeConv.as.ts, plainly: the same order of each sum.
PITH_KERNEL(transposeConv_f32) {
  const float *src = a[0].f32, *weights = a[1].f32, *bias = a[2].f32;
  float *dst = a[3].out;
  const int oh = a[4].i, ow = a[5].i, oc = a[6].i, ih = a[7].i, iw = a[8].i, ic = a[9].i, kh = a[10].i, kw = a[11].i;
  const int sh = a[12].i, sw = a[13].i, top = a[14].i, left = a[15].i;
  const float lo = a[16].f, hi = a[17].f;
  for (int p = begin; p < end; p++) {
    const int y = p / ow % oh + top, z = p % ow + left;
    const float *image = src + static_cast<int64_t>(p / (ow * oh)) * ih * iw * ic;
    for (int o = 0; o < oc; o++) {
      float acc = bias ? bias[o] : 0.0f;
      for (int ky = y % sh; ky < kh && ky <= y; ky += sh) {
        const int iy = (y - ky) / sh;
        if (iy >= ih) continue;
        for (int kx = z % sw; kx < kw && kx <= z; kx += sw) {
          const int ix = (z - kx) / sw;
          if (ix >= iw) continue;
          const float *x = image + (iy * iw + ix) * ic;
          const float *w = weights + ((static_cast<int64_t>(o) * kh + ky) * kw + kx) * ic;
          for (int i = 0; i < ic; i++) acc += x[i] * w[i];
        }
      }
      dst[static_cast<int64_t>(p) * oc + o] = clamp(acc, lo, hi);
    }
  }
}
