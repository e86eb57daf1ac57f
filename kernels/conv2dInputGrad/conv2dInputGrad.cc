#include "../window/window.h"

// conv2dInputGrad_f32 of conv2dInputGrad.as.ts: input channels are the lanes.
PITH_KERNEL(conv2dInputGrad_f32) {
  const float *dy = a[0].f32, *weights = a[1].f32;
  float *dx = a[2].out;
  const int oc = a[3].i;
  const pith::Window w = window_of(a + 4);
  for (int row = begin; row < end; row++) {
    const int b = row / w.ih, iy = row % w.ih;
    for (int ix = 0; ix < w.iw; ix++) {
      float *__restrict out = dx + (static_cast<size_t>(row) * w.iw + ix) * w.ic;
      for (int c = 0; c < w.ic; c++) out[c] = 0;
      for (int ky = 0; ky < w.kh; ky++) {
        const int y = iy + w.top - ky * w.dh;
        if (y < 0 || y % w.sh != 0 || y / w.sh >= w.oh) continue;
        for (int kx = 0; kx < w.kw; kx++) {
          const int x = ix + w.left - kx * w.dw;
          if (x < 0 || x % w.sw != 0 || x / w.sw >= w.ow) continue;
          const float *g = dy + ((static_cast<size_t>(b) * w.oh + y / w.sh) * w.ow + x / w.sw) * oc;
          for (int o = 0; o < oc; o++) {
            const float v = g[o];
            const float *wt = weights + ((static_cast<size_t>(o) * w.kh + ky) * w.kw + kx) * w.ic;
            for (int c = 0; c < w.ic; c++) out[c] += v * wt[c];
          }
        }
      }
    }
  }
}
