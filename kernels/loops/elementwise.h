// dst[i] = f(src[i]) for elements [begin, end); dst may be src. `f` is an expression of the float x.
#pragma once
#include "../kernel.h"

#define PITH_ELEMENTWISE(name, f)                     \
  PITH_KERNEL(name) {                                 \
    const float *src = a[0].f32;                      \
    float *dst = a[1].out;                            \
    for (int i = begin; i < end; i++) {               \
      const float x = src[i];                         \
      dst[i] = f;                                     \
    }                                                 \
  }
