#include "../kernel.h"

// resizeBilinear_f32 of resizeBilinear.as.ts: the same order of each sum.
PITH_KERNEL(resizeBilinear_f32) {
  const char *src = static_cast<const char *>(a[0].address);
  float *dst = a[1].out;
  const int batch = a[3].i, oh = a[4].i, ow = a[5].i, c = a[6].i, image = a[7].i;
  const auto pixel = [](const char *line, int offset) { return reinterpret_cast<const float *>(line + offset); };
  for (int n = 0; n < batch; n++, src += image)
    for (int y = 0; y < oh; y++) {
      const int32_t *row = a[2].i32 + y * 3;
      const float fy = a[2].f32[y * 3 + 2];
      for (int x = 0; x < ow; x++, dst += c) {
        const int32_t *column = a[2].i32 + (oh + x) * 3;
        const float fx = a[2].f32[(oh + x) * 3 + 2];
        const float *ll = pixel(src + row[0], column[0]), *ul = pixel(src + row[1], column[0]);
        const float *lr = pixel(src + row[0], column[1]), *ur = pixel(src + row[1], column[1]);
        for (int i = 0; i < c; i++)
          dst[i] = ll[i] * (1 - fy) * (1 - fx) + ul[i] * fy * (1 - fx) + lr[i] * (1 - fy) * fx + ur[i] * fy * fx;
      }
    }
}
