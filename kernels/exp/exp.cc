#include "../kernel.h"
#include "../numerics/transcendental.h"

PITH_KERNEL(exp_f32) {
  const float *src = a[0].f32;
  float *dst = a[1].out;
  for (int i = begin; i < end; i++) dst[i] = pith::exp_scalar(src[i]);
}
