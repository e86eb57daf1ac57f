#include "../conv/conv.h"

// depthwiseConv2dInputGrad_f32 of depthwiseConv2dInputGrad.as.ts: the same order of each sum, channels side by side.
PITH_KERNEL(depthwiseConv2dInputGrad_f32) {
  const Geometry g = geometry(a + 3);
  const int multiplier = g.oc / g.ic;
  for (int p = begin; p < end; p++) {
    float *__restrict out = a[2].out + static_cast<int64_t>(p) * g.ic;
    const int y0 = p / g.iw % g.ih + g.top, x0 = p % g.iw + g.left;
    const float *image = a[0].f32 + static_cast<int64_t>(p / (g.iw * g.ih)) * g.oh * g.ow * g.oc;
    for (int i = 0; i < g.ic; i++) out[i] = 0.0f;
    for (int ky = 0; ky < g.kh; ky++) {
      const int y = y0 - ky * g.dh;
      if (y < 0 || y % g.sh != 0 || y / g.sh >= g.oh) continue;
      for (int kx = 0; kx < g.kw; kx++) {
        const int x = x0 - kx * g.dw;
        if (x < 0 || x % g.sw != 0 || x / g.sw >= g.ow) continue;
        const float *dy = image + (y / g.sh * g.ow + x / g.sw) * g.oc, *w = a[1].f32 + (ky * g.kw + kx) * g.oc;
        if (multiplier == 1) {
          for (int i = 0; i < g.ic; i++) out[i] += dy[i] * w[i];
        } else {
          for (int i = 0; i < g.ic; i++)
            for (int m = 0; m < multiplier; m++) out[i] += dy[i * multiplier + m] * w[i * multiplier + m];
        }
      }
    }
  }
}
