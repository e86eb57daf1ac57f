#include "../conv/conv.h"

// depthwiseConv2dWeightGrad_f32 of depthwiseConv2dWeightGrad.as.ts: the same order of each sum, channels side by side.
PITH_KERNEL(depthwiseConv2dWeightGrad_f32) {
  const Geometry g = geometry(a + 4);
  const int batch = a[3].i, multiplier = g.oc / g.ic;
  for (int tap = begin; tap < end; tap++) {
    float *__restrict out = a[2].out + tap * g.oc;
    const int y0 = tap / g.kw * g.dh - g.top, x0 = tap % g.kw * g.dw - g.left;
    for (int o = 0; o < g.oc; o++) out[o] = 0.0f;
    for (int n = 0; n < batch; n++)
      for (int oy = 0; oy < g.oh; oy++) {
        const int iy = oy * g.sh + y0;
        if (iy < 0 || iy >= g.ih) continue;
        for (int ox = 0; ox < g.ow; ox++) {
          const int ix = ox * g.sw + x0;
          if (ix < 0 || ix >= g.iw) continue;
          const float *dy = a[0].f32 + (static_cast<int64_t>(n * g.oh + oy) * g.ow + ox) * g.oc;
          const float *x = a[1].f32 + (static_cast<int64_t>(n * g.ih + iy) * g.iw + ix) * g.ic;
          if (multiplier == 1) {
            for (int i = 0; i < g.ic; i++) out[i] += dy[i] * x[i];
          } else {
            for (int i = 0; i < g.ic; i++)
              for (int m = 0; m < multiplier; m++) out[i * multiplier + m] += dy[i * multiplier + m] * x[i];
          }
        }
      }
  }
}
