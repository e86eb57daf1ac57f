#include <vector>

#include "../window/window.h"

// conv2d_f32 of conv2d.as.ts. Output channels are the lanes: weights are turned to [tap][ic][oc] once a call, so every
// element is still summed in the stated order: bias, then ky, kx, c ascending.
namespace {
constexpr int kBlock = 16;
}

PITH_KERNEL(conv2d_f32) {
  const float *src = a[0].f32, *weights = a[1].f32, *bias = a[2].f32;
  float *dst = a[3].out;
  const int oc = a[4].i;
  const pith::Window w = window_of(a + 5);
  const float lo = a[19].f, hi = a[20].f;
  const int taps = w.kh * w.kw, k = taps * w.ic, blocks = (oc + kBlock - 1) / kBlock;
  thread_local std::vector<float> packed;
  packed.assign(static_cast<size_t>(blocks) * k * kBlock, 0.0f);
  for (int o = 0; o < oc; o++)
    for (int i = 0; i < k; i++) packed[(static_cast<size_t>(o / kBlock) * k + i) * kBlock + o % kBlock] = weights[o * k + i];

  for (int row = begin; row < end; row++) {
    const float *image = src + static_cast<size_t>(row / w.oh) * w.ih * w.iw * w.ic;
    const int y0 = row % w.oh * w.sh - w.top;
    for (int ox = 0; ox < w.ow; ox++) {
      float *out = dst + (static_cast<size_t>(row) * w.ow + ox) * oc;
      const int x0 = ox * w.sw - w.left;
      for (int block = 0; block < blocks; block++) {
        const int first = block * kBlock, lanes = oc - first < kBlock ? oc - first : kBlock;
        float acc[kBlock] = {};
        if (bias)
          for (int o = 0; o < lanes; o++) acc[o] = bias[first + o];
        for (int ky = 0; ky < w.kh; ky++) {
          const int iy = y0 + ky * w.dh;
          if (!inside(iy, w.ih)) continue;
          for (int kx = 0; kx < w.kw; kx++) {
            const int ix = x0 + kx * w.dw;
            if (!inside(ix, w.iw)) continue;
            const float *x = image + (static_cast<size_t>(iy) * w.iw + ix) * w.ic;
            const float *wt = packed.data() + (static_cast<size_t>(block) * k + (ky * w.kw + kx) * w.ic) * kBlock;
            for (int c = 0; c < w.ic; c++, wt += kBlock) {
              const float v = x[c];
              for (int o = 0; o < kBlock; o++) acc[o] += v * wt[o];
            }
          }
        }
        for (int o = 0; o < lanes; o++) out[first + o] = clamp(acc[o], lo, hi);
      }
    }
  }
}
