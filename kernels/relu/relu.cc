#include "../kernel.h"

PITH_KERNEL(relu_f32) {
  const float *src = a[0].f32;
  float *dst = a[1].out;
  for (int i = begin; i < end; i++) dst[i] = pith::clamp(src[i], 0.0f, __builtin_inff());
}
