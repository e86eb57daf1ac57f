#include "../conv/conv.h"

namespace {
using namespace pith::PITH_ISA;

// Adds tile rows [first, last) (row = tap * oc + o) to `pixels` input pixels ix, ix + sw, … of row iy, which meet
// neighbouring output pixels.
void addTaps(const Geometry &g, const float *image, const float *tile, int first, int last, int iy, int ix, int pixels, Lanes *acc) {
  for (int tap = first / g.oc; tap * g.oc < last; tap++) {
    const int y = iy + g.top - tap / g.kw * g.dh, x = ix + g.left - tap % g.kw * g.dw;
    // x may be left of the image while a later pixel of the block is inside.
    if (y < 0 || y % g.sh != 0 || y / g.sh >= g.oh || x % g.sw != 0) continue;
    const int from = most(0, first - tap * g.oc), to = least(g.oc, last - tap * g.oc), ox = x / g.sw;
    const float *w = tile + (tap * g.oc - first + from) * LANES, *row = image + y / g.sh * g.ow * g.oc + from;
    if (pixels == PIXELS && ox >= 0 && ox + PIXELS <= g.ow) {
      accumulate<PIXELS>(acc, row + ox * g.oc, g.oc, w, to - from);
      continue;
    }
    for (int p = 0; p < pixels; p++)
      if (ox + p >= 0 && ox + p < g.ow) accumulate<1>(acc + p, row + (ox + p) * g.oc, 0, w, to - from);
  }
}
}  // namespace

// conv2dInputGrad_f32 of conv2dInputGrad.as.ts: the same order of each sum. Pixels a stride apart use the same taps
// and are computed together.
PITH_KERNEL(conv2dInputGrad_f32) {
  const Geometry g = geometry(a + 3);
  const float *dy = a[0].f32, *weights = a[1].f32;
  float *dst = a[2].out;
  const int taps = g.kh * g.kw, depth = taps * g.oc;
  alignas(64) float tile[TILE * LANES];
  for (int i = 0; i < g.ic; i += LANES) {
    const int width = least(LANES, g.ic - i);
    for (int first = 0; first < depth; first += TILE) {
      const int last = least(depth, first + TILE);
      for (int k = first; k < last; k++)
        for (int c = 0; c < LANES; c++)
          tile[(k - first) * LANES + c] = c < width ? weights[(k % g.oc * taps + k / g.oc) * g.ic + i + c] : 0.0f;
      for (int p = begin; p < end;) {
        const int iy = p / g.iw % g.ih, ix = p % g.iw, segment = least(g.iw - ix, end - p);
        const float *image = dy + static_cast<int64_t>(p / (g.iw * g.ih)) * g.oh * g.ow * g.oc;
        for (int phase = 0; phase < least(g.sw, segment); phase++)
          for (int q = phase; q < segment; q += PIXELS * g.sw) {
            const int pixels = least(PIXELS, (segment - q + g.sw - 1) / g.sw);
            float *out = dst + static_cast<int64_t>(p + q) * g.ic + i;
            Lanes acc[PIXELS];
            for (int r = 0; r < pixels; r++) readLanes(acc[r], first > 0 ? out + r * g.sw * g.ic : nullptr, width);
            addTaps(g, image, tile, first, last, iy, ix + q, pixels, acc);
            for (int r = 0; r < pixels; r++) std::memcpy(out + r * g.sw * g.ic, &acc[r], static_cast<size_t>(width) * sizeof(float));
          }
        p += segment;
      }
    }
  }
}
