#include "../loops/broadcast.h"

PITH_KERNEL(greater_f32) {
  pith::broadcast(a, begin, end, [](float x, float y) { return x > y ? 1.0f : 0.0f; });
}
