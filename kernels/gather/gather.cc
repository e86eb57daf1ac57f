#include "../kernel.h"

// gather_bytes of gather.as.ts.
PITH_KERNEL(gather_bytes) {
  const char *src = static_cast<const char *>(a[0].address);
  const int32_t *indices = a[1].i32;
  char *dst = static_cast<char *>(a[2].address);
  const int batches = a[3].i, outer = a[4].i, dim = a[5].i, count = a[6].i, inner = a[7].i;
  for (int b = 0; b < batches; b++, indices += count)
    for (int o = 0; o < outer; o++, src += dim * inner)
      for (int k = 0; k < count; k++, dst += inner) {
        const int at = indices[k] < 0 ? 0 : indices[k] >= dim ? dim - 1 : indices[k];
        std::memcpy(dst, src + at * inner, static_cast<size_t>(inner));
      }
}
