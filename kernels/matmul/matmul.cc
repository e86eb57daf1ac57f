#include "../kernel.h"

// matmul_f32 of matmul.as.ts. Where b's columns are adjacent the inner loop runs over them, which vectorizes and
// leaves each element's order of summation as stated: i ascending.
PITH_KERNEL(matmul_f32) {
  const float *x = a[0].f32, *y = a[1].f32;
  float *dst = a[2].out;
  const int k = a[3].i, n = a[4].i, a_row = a[5].i, a_step = a[6].i, b_step = a[7].i, b_column = a[8].i;
  for (int row = begin; row < end; row++) {
    float *out = dst + row * n;
    const float *xr = x + row * a_row;
    if (b_column == 1) {
      for (int c = 0; c < n; c++) out[c] = 0;
      for (int i = 0; i < k; i++) {
        const float v = xr[i * a_step];
        const float *yr = y + i * b_step;
        for (int c = 0; c < n; c++) out[c] += v * yr[c];
      }
    } else {
      for (int c = 0; c < n; c++) {
        float acc = 0;
        for (int i = 0; i < k; i++) acc += xr[i * a_step] * y[i * b_step + c * b_column];
        out[c] = acc;
      }
    }
  }
}
