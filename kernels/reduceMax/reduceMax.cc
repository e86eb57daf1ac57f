#include "../loops/extreme.h"

PITH_KERNEL(reduceMax_f32) {
  pith::reduceExtreme(a, -__builtin_inff(), [](float value, float best) { return value > best; });
}
