#include "../conv/conv.h"

namespace {
using namespace pith::PITH_ISA;

// sums[j] += x[p * step + j] * dy[p * oc], p = 0 .. n-1 ascending, for K neighbouring input channels.
template <int K>
void addRow(Lanes *acc, const float *x, int step, const float *dy, int oc, int width, int n) {
  Half sum[K][2];
  for (int j = 0; j < K; j++) sum[j][0] = acc[j].half[0], sum[j][1] = acc[j].half[1];
  for (int p = 0; p < n; p++, x += step, dy += oc) {
    Lanes d;
    if (width == LANES) d = {{loadHalf(dy), loadHalf(dy + LANES / 2)}};
    else readLanes(d, dy, width);
    for (int j = 0; j < K; j++) {
      sum[j][0] += x[j] * d.half[0];
      sum[j][1] += x[j] * d.half[1];
    }
  }
  for (int j = 0; j < K; j++) acc[j].half[0] = sum[j][0], acc[j].half[1] = sum[j][1];
}
}  // namespace

// conv2dWeightGrad_f32 of conv2dWeightGrad.as.ts: the same order of each sum.
PITH_KERNEL(conv2dWeightGrad_f32) {
  const Geometry g = geometry(a + 4);
  const float *dy = a[0].f32, *src = a[1].f32;
  float *dst = a[2].out;
  const int batch = a[3].i, depth = g.kh * g.kw * g.ic;
  for (int k = begin; k < end;) {
    const int tap = k / g.ic, i = k % g.ic, block = least(PIXELS, least(g.ic - i, end - k));
    const int y0 = tap / g.kw * g.dh - g.top, x0 = tap % g.kw * g.dw - g.left;
    // Output columns whose tap is inside the image.
    const int from = x0 < 0 ? (-x0 + g.sw - 1) / g.sw : 0;
    const int to = g.iw > x0 ? least(g.ow, (g.iw - x0 + g.sw - 1) / g.sw) : 0;
    for (int o = 0; o < g.oc; o += LANES) {
      const int width = least(LANES, g.oc - o);
      Lanes acc[PIXELS] = {};
      for (int n = 0; n < batch; n++)
        for (int oy = 0; oy < g.oh; oy++) {
          const int iy = oy * g.sh + y0;
          if (iy < 0 || iy >= g.ih || from >= to) continue;
          const float *x = src + (static_cast<int64_t>(n * g.ih + iy) * g.iw + from * g.sw + x0) * g.ic + i;
          const float *d = dy + (static_cast<int64_t>(n * g.oh + oy) * g.ow + from) * g.oc + o;
          const int step = g.sw * g.ic, count = to - from;
          if (block == 4) addRow<4>(acc, x, step, d, g.oc, width, count);
          else if (block == 3) addRow<3>(acc, x, step, d, g.oc, width, count);
          else if (block == 2) addRow<2>(acc, x, step, d, g.oc, width, count);
          else addRow<1>(acc, x, step, d, g.oc, width, count);
        }
      for (int j = 0; j < block; j++) {
        float sums[LANES];
        std::memcpy(sums, &acc[j], sizeof sums);
        for (int c = 0; c < width; c++) dst[(o + c) * depth + k + j] = sums[c];
      }
    }
    k += block;
  }
}
