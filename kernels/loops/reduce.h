// Sums over collapsed dimensions; arguments as lowerReduce of reduce.ts makes them, order as reduce.as.ts.
#pragma once
#include "../kernel.h"

namespace pith {

static inline int reduceOffset(const int32_t *table, int count, int index) {
  int offset = 0;
  for (int d = count - 1; d >= 0; d--) {
    offset += index % table[d * 2] * table[d * 2 + 1];
    index /= table[d * 2];
  }
  return offset;
}

static inline void reduce(const Arg *a, float count, int begin, int end) {
  const int32_t *table = a[2].i32, *reducedTable = table + a[3].i * 2;
  const int kept = a[3].i, reduced = a[4].i, inner = a[5].i, runs = a[6].i, run = a[7].i, runStride = a[8].i;
  for (int o = begin; o < end;) {
    const int row = o / inner, first = o % inner;
    const int width = end - o < inner - first ? end - o : inner - first;
    const float *base = a[0].f32 + reduceOffset(table, kept, row) + first;
    float *__restrict out = a[1].out + o;
    for (int c = 0; c < width; c++) out[c] = 0.0f;
    for (int r = 0; r < runs; r++) {
      const float *__restrict x = base + reduceOffset(reducedTable, reduced, r);
      if (width == 1) {
        float acc = out[0];
        for (int k = 0; k < run; k++) acc += x[k * runStride];
        out[0] = acc;
      } else
        for (int k = 0; k < run; k++)
          for (int c = 0; c < width; c++) out[c] += x[k * runStride + c];
    }
    for (int c = 0; c < width; c++) out[c] /= count;
    o += width;
  }
}

}  // namespace pith
