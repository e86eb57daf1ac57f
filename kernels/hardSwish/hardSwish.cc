#include "../loops/elementwise.h"

PITH_ELEMENTWISE(hardSwish_f32, x * pith::clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f)
