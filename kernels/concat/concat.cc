#include "../kernel.h"

// Outer rows [begin, end), as concat_f32 of concat.as.ts.
PITH_KERNEL(concat_f32) {
  const int32_t *widths = a[9].i32;
  const int count = a[10].i, block = a[11].i;
  float *start = a[8].out;
  for (int s = 0; s < count; s++) {
    const int width = widths[s];
    for (int row = begin; row < end; row++)
      std::memcpy(start + row * block, a[s].f32 + row * width, static_cast<size_t>(width) * 4);
    start += width;
  }
}
