#include "../kernel.h"

// Elements [begin, end), as quantize_f32 of quantize.as.ts.
PITH_KERNEL(quantize_f32) {
  const float *src = a[0].f32;
  int8_t *dst = static_cast<int8_t *>(a[1].address);
  const float scale = a[2].f;
  const int zeroPoint = a[3].i;
  for (int i = begin; i < end; i++) {
    const float ratio = src[i] / scale;
    const float x = ratio == ratio ? pith::clamp(ratio, -512.0f, 512.0f) : 0.0f;
    const int whole = static_cast<int>(x);
    const float rest = x - static_cast<float>(whole);
    const int q = whole + (rest >= 0.5f) - (rest <= -0.5f) + zeroPoint;
    dst[i] = static_cast<int8_t>(q < -128 ? -128 : q > 127 ? 127 : q);
  }
}
