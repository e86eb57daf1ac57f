#include "../conv/conv.h"

// maxPool2d_f32 of maxPool2d.as.ts: channels side by side; a NaN stays, as it fails every comparison but its own.
PITH_KERNEL(maxPool2d_f32) {
  const Geometry g = geometry(a + 2);
  const float lo = a[16].f, hi = a[17].f;
  for (int p = begin; p < end; p++) {
    float *__restrict out = a[1].out + static_cast<int64_t>(p) * g.ic;
    const int oy = p / g.ow % g.oh * g.sh - g.top, ox = p % g.ow * g.sw - g.left;
    const int y0 = most(0, oy), y1 = least(g.ih, oy + g.kh), x0 = most(0, ox), x1 = least(g.iw, ox + g.kw);
    const float *image = a[0].f32 + static_cast<int64_t>(p / (g.ow * g.oh)) * g.ih * g.iw * g.ic;
    for (int c = 0; c < g.ic; c++) out[c] = -__builtin_inff();
    for (int y = y0; y < y1; y++)
      for (int x = x0; x < x1; x++) {
        const float *pixel = image + (y * g.iw + x) * g.ic;
        for (int c = 0; c < g.ic; c++) out[c] = pixel[c] > out[c] || pixel[c] != pixel[c] ? pixel[c] : out[c];
      }
    for (int c = 0; c < g.ic; c++) out[c] = clamp(out[c], lo, hi);
  }
}
