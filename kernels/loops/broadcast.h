// The loop that elementwise operators of two operands share; arguments as lowerBinary of broadcast.ts makes them.
#pragma once
#include "../kernel.h"

namespace pith {

static inline int rowOffset(const int32_t *table, int outer, int row, int operand) {
  int offset = 0;
  for (int d = outer - 1; d >= 0; d--) {
    const int dim = table[d * 3];
    offset += row % dim * table[d * 3 + operand];
    row /= dim;
  }
  return offset;
}

// dst[i] = f(x, y) on outputs [begin, end). dst may be an operand of the same shape: each element is read before
// it is written, so no restrict. The stride cases are loops of their own, for the vectorizer.
template <class F>
static inline void broadcast(const Arg *a, int begin, int end, F f) {
  const int outer = a[4].i, inner = a[5].i, strideA = a[6].i, strideB = a[7].i;
  for (int i = begin; i < end;) {
    const int row = i / inner, first = i % inner;
    const int n = end - i < inner - first ? end - i : inner - first;
    const float *x = a[0].f32 + rowOffset(a[3].i32, outer, row, 1) + first * strideA;
    const float *y = a[1].f32 + rowOffset(a[3].i32, outer, row, 2) + first * strideB;
    const float fixed = strideA ? y[0] : x[0];
    float *dst = a[2].out + i;
    if (strideA && strideB)
      for (int j = 0; j < n; j++) dst[j] = f(x[j], y[j]);
    else if (strideA)
      for (int j = 0; j < n; j++) dst[j] = f(x[j], fixed);
    else
      for (int j = 0; j < n; j++) dst[j] = f(fixed, y[j]);
    i += n;
  }
}

}  // namespace pith
