#include "../kernel.h"

// cumsum_f32 of cumsum.as.ts. dst may be src.
PITH_KERNEL(cumsum_f32) {
  const int outer = a[2].i, count = a[3].i, inner = a[4].i;
  const bool exclusive = a[5].i != 0, reverse = a[6].i != 0;
  for (int o = 0; o < outer; o++)
    for (int i = 0; i < inner; i++) {
      float acc = 0;
      for (int k = 0; k < count; k++) {
        const int at = (o * count + (reverse ? count - 1 - k : k)) * inner + i;
        const float value = a[0].f32[at];
        a[1].out[at] = exclusive ? acc : acc + value;
        acc += value;
      }
    }
}
