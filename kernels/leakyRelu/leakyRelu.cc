#include "../kernel.h"

PITH_KERNEL(leakyRelu_f32) {
  const float *src = a[0].f32;
  float *dst = a[1].out;
  const float alpha = a[2].f;
  for (int i = begin; i < end; i++) dst[i] = src[i] > 0.0f ? src[i] : src[i] * alpha;
}
