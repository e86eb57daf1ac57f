// Strided copy of outputs [begin, end); arguments as lowerStrided of strided.ts makes them.
#pragma once
#include "./reduce.h"

namespace pith {

static inline void strided(const Arg *a, int begin, int end) {
  const int outer = a[3].i, inner = a[4].i, stride = a[5].i, start = a[6].i;
  for (int i = begin; i < end;) {
    const int row = i / inner, first = i % inner;
    const int n = end - i < inner - first ? end - i : inner - first;
    const float *__restrict x = a[0].f32 + start + reduceOffset(a[2].i32, outer, row) + first * stride;
    float *__restrict dst = a[1].out + i;
    if (stride == 1)
      for (int j = 0; j < n; j++) dst[j] = x[j];
    else
      for (int j = 0; j < n; j++) dst[j] = x[j * stride];
    i += n;
  }
}

}  // namespace pith
