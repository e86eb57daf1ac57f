#include "../kernel.h"
#include "../numerics/philox.h"

// Blocks of four elements that are drawn together, lane by lane, so that the loops vectorize.
static constexpr int BLOCKS = 64;

// Samples [begin, end) of `size` elements, as jitter.as.ts.
PITH_KERNEL(jitter_f32) {
  const int size = a[4].i;
  const uint32_t step = static_cast<uint32_t>(a[2].i32[0]), seed = static_cast<uint32_t>(a[5].i), stream = static_cast<uint32_t>(a[6].i);
  const float deviation = a[7].f;
  uint32_t words[4][BLOCKS];
  float normals[4][BLOCKS];
  for (int n = begin; n < end; n++) {
    const uint32_t id = static_cast<uint32_t>(a[1].i32[n]);
    for (int first = 0; first * 4 < size; first += BLOCKS) {
      const int left = size - first * 4, count = left < BLOCKS * 4 ? left : BLOCKS * 4, blocks = (count + 3) / 4;
      for (int b = 0; b < blocks; b++) {
        const pith::Words drawn = pith::philox(static_cast<uint32_t>(first + b), id, step, 0, seed, stream);
        for (int lane = 0; lane < 4; lane++) words[lane][b] = drawn.w[lane];
      }
      for (int lane = 0; lane < 4; lane += 2)
        for (int b = 0; b < blocks; b++) {
          const float radius = pith::gaussianRadius(words[lane][b]), turns = pith::uniform(words[lane + 1][b]);
          normals[lane][b] = radius * pith::cosTurns(turns);
          normals[lane + 1][b] = radius * pith::sinTurns(turns);
        }
      const float *x = a[0].f32 + n * size + first * 4;
      float *y = a[3].out + n * size + first * 4;
      for (int e = 0; e < count; e++) y[e] = x[e] + deviation * normals[e & 3][e >> 2];
    }
  }
}
