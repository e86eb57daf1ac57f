#include "../kernel.h"

// batchMatmul_f32 of batchMatmul.as.ts, plainly: the same order of each sum.
PITH_KERNEL(batchMatmul_f32) {
  const float *x = a[0].f32, *y = a[1].f32;
  float *dst = a[2].out;
  const int d1 = a[4].i, d2 = a[5].i, m = a[12].i, k = a[13].i, n = a[14].i;
  const int a_row = a[15].i, a_step = a[16].i, b_step = a[17].i, b_column = a[18].i;
  for (int r = begin; r < end; r++) {
    const int batch = r / m, i2 = batch % d2, i1 = batch / d2 % d1, i0 = batch / (d2 * d1);
    const float *xr = x + i0 * a[6].i + i1 * a[7].i + i2 * a[8].i + r % m * a_row;
    const float *yr = y + i0 * a[9].i + i1 * a[10].i + i2 * a[11].i;
    for (int c = 0; c < n; c++) {
      float acc = 0.0f;
      for (int i = 0; i < k; i++) acc += xr[i * a_step] * yr[i * b_step + c * b_column];
      dst[static_cast<int64_t>(r) * n + c] = acc;
    }
  }
}
