#include "../kernel.h"

// resizeNearestNeighbor_bytes of resizeNearestNeighbor.as.ts.
PITH_KERNEL(resizeNearestNeighbor_bytes) {
  const char *src = static_cast<const char *>(a[0].address);
  char *dst = static_cast<char *>(a[1].address);
  const int batch = a[3].i, oh = a[4].i, ow = a[5].i, pixel = a[6].i, image = a[7].i;
  const int32_t *lines = a[2].i32, *columns = lines + oh;
  for (int n = 0; n < batch; n++, src += image)
    for (int y = 0; y < oh; y++)
      for (int x = 0; x < ow; x++, dst += pixel)
        std::memcpy(dst, src + lines[y] + columns[x], static_cast<size_t>(pixel));
}
