#include "../loops/extreme.h"

PITH_KERNEL(reduceMin_f32) {
  pith::reduceExtreme(a, __builtin_inff(), [](float value, float best) { return value < best; });
}
