#include "../kernel.h"

PITH_KERNEL(copy) {
  if (begin < end) std::memmove(a[0].address, a[1].address, static_cast<size_t>(a[2].i));
}
