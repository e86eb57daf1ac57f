#include "../kernel.h"

// Elements [begin, end), as standardize.as.ts.
PITH_KERNEL(standardize_f32) {
  const float *src = a[0].f32, *mean = a[2].f32, *deviation = a[3].f32;
  float *dst = a[1].out;
  const int channels = a[4].i;
  for (int i = begin, c = begin % channels; i < end; i++) {
    dst[i] = (src[i] - mean[c]) / deviation[c];
    if (++c == channels) c = 0;
  }
}
