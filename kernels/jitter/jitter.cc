#include "../kernel.h"
#include "../numerics/philox.h"

// Samples [begin, end) of `size` elements, as jitter.as.ts.
PITH_KERNEL(jitter_f32) {
  const int size = a[4].i;
  const uint32_t step = static_cast<uint32_t>(a[2].i32[0]), seed = static_cast<uint32_t>(a[5].i), stream = static_cast<uint32_t>(a[6].i);
  const float deviation = a[7].f;
  for (int n = begin; n < end; n++) {
    const float *x = a[0].f32 + n * size;
    float *y = a[3].out + n * size;
    for (int e = 0; e < size; e += 4) {
      const pith::Words words = pith::philox(static_cast<uint32_t>(e >> 2), static_cast<uint32_t>(a[1].i32[n]), step, 0, seed, stream);
      const int lanes = size - e < 4 ? size - e : 4;
      for (int lane = 0; lane < lanes; lane++) y[e + lane] = x[e + lane] + deviation * pith::gaussian(words, lane);
    }
  }
}
