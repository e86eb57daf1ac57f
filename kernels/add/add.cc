#include "../loops/broadcast.h"

PITH_KERNEL(add_f32) {
  const float lo = a[8].f, hi = a[9].f;
  pith::broadcast(a, begin, end, [lo, hi](float x, float y) { return pith::clamp(x + y, lo, hi); });
}
