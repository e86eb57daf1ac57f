#include <vector>

#include "../window/window.h"

// conv2dWeightGrad_f32 of conv2dWeightGrad.as.ts: output channels are the lanes; up to four input channels of one tap
// share each reading of dy. Pixels ascend for every element, whatever the grouping.
namespace {
constexpr int kGroup = 4;
}

PITH_KERNEL(conv2dWeightGrad_f32) {
  const float *dy = a[0].f32, *src = a[1].f32;
  float *dst = a[2].out;
  const int oc = a[3].i;
  const pith::Window w = window_of(a + 4);
  const int k = w.kh * w.kw * w.ic;
  thread_local std::vector<float> sums;
  sums.resize(static_cast<size_t>(kGroup) * oc);
  for (int unit = begin; unit < end;) {
    const int c = unit % w.ic, tap = unit / w.ic, ky = tap / w.kw, kx = tap % w.kw;
    int group = w.ic - c < kGroup ? w.ic - c : kGroup;
    if (end - unit < group) group = end - unit;
    float *__restrict acc = sums.data();
    for (int i = 0; i < group * oc; i++) acc[i] = 0;
    for (int row = 0; row < w.n * w.oh; row++) {
      const int iy = row % w.oh * w.sh - w.top + ky * w.dh;
      if (!inside(iy, w.ih)) continue;
      for (int ox = 0; ox < w.ow; ox++) {
        const int ix = ox * w.sw - w.left + kx * w.dw;
        if (!inside(ix, w.iw)) continue;
        const float *x = src + ((static_cast<size_t>(row / w.oh) * w.ih + iy) * w.iw + ix) * w.ic + c;
        const float *g = dy + (static_cast<size_t>(row) * w.ow + ox) * oc;
        for (int j = 0; j < group; j++) {
          const float v = x[j];
          float *__restrict s = acc + j * oc;
          for (int o = 0; o < oc; o++) s[o] += v * g[o];
        }
      }
    }
    for (int j = 0; j < group; j++)
      for (int o = 0; o < oc; o++) dst[static_cast<size_t>(o) * k + unit + j] = acc[j * oc + o];
    unit += group;
  }
}
