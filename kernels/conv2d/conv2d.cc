#include "../conv/conv.h"

namespace {
using namespace pith::PITH_ISA;

// Consecutive weights of one filter that meet consecutive input floats: a row of taps, or one tap where dilated.
struct Runs {
  int count, length;
  explicit Runs(const Geometry &g) : count(g.dw == 1 ? g.kh : g.kh * g.kw), length(g.dw == 1 ? g.kw * g.ic : g.ic) {}
};

// Adds weights [first, last) of a tile to `pixels` neighbours of one row, from output pixel (oy, ox) of `image`.
void addTile(const Geometry &g, const float *image, const float *tile, int first, int last, int oy, int ox, int pixels, Lanes *acc) {
  const Runs runs(g);
  const int row = g.iw * g.ic, step = g.sw * g.ic;
  for (int r = first / runs.length; r * runs.length < last; r++) {
    const int ky = g.dw == 1 ? r : r / g.kw, kx = g.dw == 1 ? 0 : r % g.kw;
    const int iy = oy * g.sh + ky * g.dh - g.top;
    if (iy < 0 || iy >= g.ih) continue;
    const int from = most(0, first - r * runs.length), to = least(runs.length, last - r * runs.length);
    const int at = (ox * g.sw + kx * g.dw - g.left) * g.ic;  // of the run's first weight in the input row
    const float *x = image + iy * row, *w = tile + (r * runs.length - first) * LANES;
    if (pixels == PIXELS && at + from >= 0 && at + (PIXELS - 1) * step + to <= row) {
      accumulate<PIXELS>(acc, x + at + from, step, w + from * LANES, to - from);
      continue;
    }
    for (int p = 0; p < pixels; p++) {
      const int begin = most(from, -(at + p * step)), end = least(to, row - (at + p * step));
      if (begin < end) accumulate<1>(acc + p, x + (at + p * step) + begin, 0, w + begin * LANES, end - begin);
    }
  }
}
}  // namespace

// conv2d_f32 of conv2d.as.ts: the same order of each sum. Weights are transposed into a tile once a block of channels;
// between tiles dst holds the sums.
PITH_KERNEL(conv2d_f32) {
  const Geometry g = geometry(a + 4);
  const float *src = a[0].f32, *weights = a[1].f32, *bias = a[2].f32;
  float *dst = a[3].out;
  const float lo = a[18].f, hi = a[19].f;
  const int depth = g.kh * g.kw * g.ic;
  alignas(64) float tile[TILE * LANES];
  for (int o = 0; o < g.oc; o += LANES) {
    const int width = least(LANES, g.oc - o);
    for (int first = 0; first < depth; first += TILE) {
      const int last = least(depth, first + TILE);
      for (int k = first; k < last; k++)
        for (int c = 0; c < LANES; c++) tile[(k - first) * LANES + c] = c < width ? weights[(o + c) * depth + k] : 0.0f;
      for (int p = begin; p < end;) {
        const int oy = p / g.ow % g.oh, ox = p % g.ow, pixels = least(PIXELS, least(g.ow - ox, end - p));
        float *out = dst + static_cast<int64_t>(p) * g.oc + o;
        Lanes acc[PIXELS];
        for (int q = 0; q < pixels; q++) readLanes(acc[q], first > 0 ? out + q * g.oc : bias ? bias + o : nullptr, width);
        addTile(g, src + static_cast<int64_t>(p / (g.ow * g.oh)) * g.ih * g.iw * g.ic, tile, first, last, oy, ox, pixels, acc);
        for (int q = 0; q < pixels; q++) {
          float sums[LANES];
          std::memcpy(sums, &acc[q], sizeof sums);
          if (last == depth)
            for (float &sum : sums) sum = clamp(sum, lo, hi);
          std::memcpy(out + q * g.oc, sums, static_cast<size_t>(width) * sizeof(float));
        }
        p += pixels;
      }
    }
  }
}

// conv2d_f32_grouped of conv2d.as.ts, plainly.
PITH_KERNEL(conv2d_f32_grouped) {
  const Geometry g = geometry(a + 4);
  const float *src = a[0].f32, *weights = a[1].f32, *bias = a[2].f32;
  float *dst = a[3].out;
  const int count = g.ic / a[18].i, filters = g.oc / a[18].i;
  const float lo = a[19].f, hi = a[20].f;
  for (int p = begin; p < end; p++) {
    const int y0 = p / g.ow % g.oh * g.sh - g.top, x0 = p % g.ow * g.sw - g.left;
    const float *image = src + static_cast<int64_t>(p / (g.ow * g.oh)) * g.ih * g.iw * g.ic;
    const float *w = weights;
    for (int o = 0; o < g.oc; o++) {
      float acc = bias ? bias[o] : 0.0f;
      for (int ky = 0; ky < g.kh; ky++)
        for (int kx = 0; kx < g.kw; kx++, w += count) {
          const int iy = y0 + ky * g.dh, ix = x0 + kx * g.dw;
          if (iy < 0 || iy >= g.ih || ix < 0 || ix >= g.iw) continue;
          const float *x = image + (iy * g.iw + ix) * g.ic + o / filters * count;
          for (int i = 0; i < count; i++) acc += x[i] * w[i];
        }
      dst[static_cast<int64_t>(p) * g.oc + o] = clamp(acc, lo, hi);
    }
  }
}
