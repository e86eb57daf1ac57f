#include "../kernel.h"

PITH_KERNEL(addN_f32) {
  float *dst = a[0].out;
  const int count = a[1].i;
  for (int i = begin; i < end; i++) {
    float sum = a[2].f32[i];
    for (int j = 1; j < count; j++) sum += a[2 + j].f32[i];
    dst[i] = sum;
  }
}
