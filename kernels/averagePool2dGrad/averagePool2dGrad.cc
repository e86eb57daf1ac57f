#include "../conv/conv.h"

// averagePool2dGrad_f32 of averagePool2dGrad.as.ts: the same order of each sum, channels side by side.
PITH_KERNEL(averagePool2dGrad_f32) {
  const Geometry g = geometry(a + 2);
  for (int p = begin; p < end; p++) {
    float *__restrict out = a[1].out + static_cast<int64_t>(p) * g.ic;
    const int y = p / g.iw % g.ih + g.top, x = p % g.iw + g.left;
    const float *image = a[0].f32 + static_cast<int64_t>(p / (g.iw * g.ih)) * g.oh * g.ow * g.oc;
    const int y0 = y < g.kh ? 0 : (y - g.kh) / g.sh + 1, y1 = least(g.oh, y / g.sh + 1);
    const int x0 = x < g.kw ? 0 : (x - g.kw) / g.sw + 1, x1 = least(g.ow, x / g.sw + 1);
    for (int c = 0; c < g.ic; c++) out[c] = 0.0f;
    for (int oy = y0; oy < y1; oy++) {
      const int rows = least(g.ih, oy * g.sh - g.top + g.kh) - most(0, oy * g.sh - g.top);
      for (int ox = x0; ox < x1; ox++) {
        const int columns = least(g.iw, ox * g.sw - g.left + g.kw) - most(0, ox * g.sw - g.left);
        const float count = static_cast<float>(rows * columns);
        const float *dy = image + (oy * g.ow + ox) * g.oc;
        for (int c = 0; c < g.ic; c++) out[c] += dy[c] / count;
      }
    }
  }
}
