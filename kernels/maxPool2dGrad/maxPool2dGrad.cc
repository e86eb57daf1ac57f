#include "../conv/conv.h"

namespace {

// Whether `value` at (iy, ix) is the first maximum, in order of y, x, of the window, for one channel.
bool is_first_maximum(const float *plane, int iw, int ic, int iy, int ix, int y0, int y1, int x0, int x1) {
  const float value = plane[(iy * iw + ix) * ic];
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++) {
      const float other = plane[(y * iw + x) * ic];
      if (other > value || ((y < iy || (y == iy && x < ix)) && other == value)) return false;
    }
  return true;
}

}  // namespace

// maxPool2dGrad_f32 of maxPool2dGrad.as.ts.
PITH_KERNEL(maxPool2dGrad_f32) {
  const Geometry g = geometry(a + 3);
  for (int p = begin; p < end; p++) {
    const int iy = p / g.iw % g.ih, ix = p % g.iw, y = iy + g.top, x = ix + g.left;
    const int64_t n = p / (g.iw * g.ih);
    const int y0 = y < g.kh ? 0 : (y - g.kh) / g.sh + 1, y1 = least(g.oh, y / g.sh + 1);
    const int x0 = x < g.kw ? 0 : (x - g.kw) / g.sw + 1, x1 = least(g.ow, x / g.sw + 1);
    for (int c = 0; c < g.ic; c++) {
      const float *plane = a[1].f32 + n * g.ih * g.iw * g.ic + c;
      float acc = 0.0f;
      for (int oy = y0; oy < y1; oy++)
        for (int ox = x0; ox < x1; ox++) {
          const int wy = oy * g.sh - g.top, wx = ox * g.sw - g.left;
          if (is_first_maximum(plane, g.iw, g.ic, iy, ix, most(0, wy), least(g.ih, wy + g.kh), most(0, wx), least(g.iw, wx + g.kw)))
            acc += a[0].f32[((n * g.oh + oy) * g.ow + ox) * g.oc + c];
        }
      a[2].out[static_cast<int64_t>(p) * g.ic + c] = acc;
    }
  }
}
