#include "../loops/broadcast.h"

PITH_KERNEL(minimum_f32) {
  pith::broadcast(a, begin, end, [](float x, float y) { return x < y ? x : y; });
}
