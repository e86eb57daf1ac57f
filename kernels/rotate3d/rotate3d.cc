#include "../kernel.h"
#include "../numerics/philox.h"

// Samples [begin, end), as rotate3d.as.ts.
PITH_KERNEL(rotate3d_f32) {
  const int size = a[4].i;
  const uint32_t step = static_cast<uint32_t>(a[2].i32[0]), seed = static_cast<uint32_t>(a[5].i), stream = static_cast<uint32_t>(a[6].i);
  for (int n = begin; n < end; n++) {
    const pith::Words words = pith::philox(0, static_cast<uint32_t>(a[1].i32[n]), step, 0, seed, stream);
    const float kz = 2.0f * pith::uniform(words.w[0]) - 1.0f;
    const float ring = __builtin_sqrtf((1.0f - kz) * (1.0f + kz));
    const float kx = ring * pith::cosTurns(pith::uniform(words.w[1])), ky = ring * pith::sinTurns(pith::uniform(words.w[1]));
    const float turn = a[7].f * (2.0f * pith::uniform(words.w[2]) - 1.0f);
    const float c = pith::cosTurns(turn), s = pith::sinTurns(turn), d = 1.0f - c;
    const float *src = a[0].f32 + n * size;
    float *dst = a[3].out + n * size;
    for (int e = 0; e < size; e += 3) {
      const float x = src[e], y = src[e + 1], z = src[e + 2];
      dst[e] = (c + d * kx * kx) * x + (d * kx * ky - s * kz) * y + (d * kx * kz + s * ky) * z;
      dst[e + 1] = (d * kx * ky + s * kz) * x + (c + d * ky * ky) * y + (d * ky * kz - s * kx) * z;
      dst[e + 2] = (d * kx * kz - s * ky) * x + (d * ky * kz + s * kx) * y + (c + d * kz * kz) * z;
    }
  }
}
