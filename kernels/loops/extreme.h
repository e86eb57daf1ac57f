// Largest or smallest values over collapsed dimensions; arguments as lowerReduce of reduce.ts makes them, then n.
#pragma once
#include "./reduce.h"

namespace pith {

// better(value, best): whether value replaces best. NaN never does.
template <class F>
static inline void reduceExtreme(const Arg *a, float worst, F better) {
  const int32_t *table = a[2].i32, *reducedTable = table + a[3].i * 2;
  const int kept = a[3].i, reduced = a[4].i, inner = a[5].i, runs = a[6].i, run = a[7].i, runStride = a[8].i, n = a[9].i;
  for (int o = 0; o < n; o++) {
    const float *base = a[0].f32 + reduceOffset(table, kept, o / inner) + o % inner;
    float best = worst;
    for (int r = 0; r < runs; r++) {
      const float *x = base + reduceOffset(reducedTable, reduced, r);
      for (int k = 0; k < run; k++) {
        const float value = x[k * runStride];
        best = better(value, best) ? value : best;
      }
    }
    a[1].out[o] = best;
  }
}

}  // namespace pith
