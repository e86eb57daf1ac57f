#include "../conv/conv.h"

// depthwiseConv2d_f32 of depthwiseConv2d.as.ts: the same order of each sum, channels side by side.
PITH_KERNEL(depthwiseConv2d_f32) {
  const Geometry g = geometry(a + 4);
  const float *src = a[0].f32, *weights = a[1].f32, *bias = a[2].f32;
  const float lo = a[18].f, hi = a[19].f;
  const int multiplier = g.oc / g.ic;
  for (int p = begin; p < end; p++) {
    float *__restrict out = a[3].out + static_cast<int64_t>(p) * g.oc;
    const int y0 = p / g.ow % g.oh * g.sh - g.top, x0 = p % g.ow * g.sw - g.left;
    const float *image = src + static_cast<int64_t>(p / (g.ow * g.oh)) * g.ih * g.iw * g.ic;
    for (int o = 0; o < g.oc; o++) out[o] = bias ? bias[o] : 0.0f;
    for (int ky = 0; ky < g.kh; ky++) {
      const int iy = y0 + ky * g.dh;
      if (iy < 0 || iy >= g.ih) continue;
      for (int kx = 0; kx < g.kw; kx++) {
        const int ix = x0 + kx * g.dw;
        if (ix < 0 || ix >= g.iw) continue;
        const float *x = image + (iy * g.iw + ix) * g.ic, *w = weights + (ky * g.kw + kx) * g.oc;
        if (multiplier == 1) {
          for (int i = 0; i < g.ic; i++) out[i] += x[i] * w[i];
        } else {
          for (int i = 0; i < g.ic; i++)
            for (int m = 0; m < multiplier; m++) out[i * multiplier + m] += x[i] * w[i * multiplier + m];
        }
      }
    }
    for (int o = 0; o < g.oc; o++) out[o] = clamp(out[o], lo, hi);
  }
}
