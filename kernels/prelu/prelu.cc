#include "../loops/broadcast.h"

PITH_KERNEL(prelu_f32) {
  pith::broadcast(a, begin, end, [](float x, float y) { return x >= 0.0f ? x : x * y; });
}
