// What the f32 convolution kernels share: the geometry arguments and one register-blocked multiply-accumulate.
#pragma once
#include "../kernel.h"

namespace pith::PITH_ISA {

// Arguments as geometryArgs of geometry.ts makes them.
struct Geometry {
  int ih, iw, ic, oh, ow, oc, kh, kw, sh, sw, dh, dw, top, left;
};

static inline Geometry geometry(const Arg *a) {
  return {a[0].i, a[1].i, a[2].i, a[3].i, a[4].i,  a[5].i,  a[6].i,
          a[7].i, a[8].i, a[9].i, a[10].i, a[11].i, a[12].i, a[13].i};
}

static inline int least(int a, int b) { return a < b ? a : b; }
static inline int most(int a, int b) { return a > b ? a : b; }

// LANES output channels are summed side by side, as two vectors: an accumulator a channel, so that the order of each
// sum is that of the loop whatever LANES is. Pixels share the loads of weights.
#ifdef __AVX__
constexpr int VECTOR_BYTES = 32;
#else
constexpr int VECTOR_BYTES = 16;  // SSE2, NEON: twice four pixels leave registers for the operands
#endif
typedef float Half __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
constexpr int LANES = 2 * VECTOR_BYTES / 4;
constexpr int PIXELS = 4;
// Rows of LANES packed weights that fit the first-level cache half full.
constexpr int TILE = 1024;

struct Lanes {
  Half half[2];
};

// A plain load: gcc copies a 32-byte memcpy through the stack.
static inline Half loadHalf(const float *from) { return *reinterpret_cast<const Half *>(from); }

// acc[p] += x[p * step + i] * w[i], i = 0 .. n-1 ascending. w: [n][LANES].
template <int P>
static inline void accumulate(Lanes *acc, const float *x, int64_t step, const float *w, int n) {
  Half sum[P][2];
  for (int p = 0; p < P; p++) sum[p][0] = acc[p].half[0], sum[p][1] = acc[p].half[1];
  for (int i = 0; i < n; i++, w += LANES) {
    const Half w0 = loadHalf(w), w1 = loadHalf(w + LANES / 2);
    for (int p = 0; p < P; p++) {
      const float v = x[p * step + i];
      sum[p][0] += v * w0;
      sum[p][1] += v * w1;
    }
  }
  for (int p = 0; p < P; p++) acc[p].half[0] = sum[p][0], acc[p].half[1] = sum[p][1];
}

static inline void readLanes(Lanes &lanes, const float *from, int width) {
  lanes = {};
  if (from) std::memcpy(&lanes, from, static_cast<size_t>(width) * sizeof(float));
}

}  // namespace pith::PITH_ISA
