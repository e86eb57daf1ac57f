#include "../kernel.h"

PITH_KERNEL(sqrt_f32) {
  const float *src = a[0].f32;
  float *dst = a[1].out;
  for (int i = begin; i < end; i++) dst[i] = __builtin_sqrtf(src[i]);
}
