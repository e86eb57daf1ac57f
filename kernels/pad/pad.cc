#include "../kernel.h"

static int sourceRow(const int32_t *table, int outer, int row) {
  int source = 0, stride = 1;
  bool inside = true;
  for (int d = outer - 1; d >= 0; d--) {
    const int dim = table[d * 3], size = table[d * 3 + 2];
    const int at = row % dim - table[d * 3 + 1];
    inside = inside && at >= 0 && at < size;
    source += at * stride;
    stride *= size;
    row /= dim;
  }
  return inside ? source : -1;
}

// Output rows [begin, end), as pad_f32 of pad.as.ts.
PITH_KERNEL(pad_f32) {
  const int inner = a[4].i, before = a[5].i, width = a[6].i;
  const float value = a[7].f;
  for (int row = begin; row < end; row++) {
    float *out = a[1].out + row * inner;
    for (int i = 0; i < inner; i++) out[i] = value;
    const int source = sourceRow(a[2].i32, a[3].i, row);
    if (source >= 0) std::memcpy(out + before, a[0].f32 + source * width, static_cast<size_t>(width) * 4);
  }
}
