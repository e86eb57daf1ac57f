#include "../loops/elementwise.h"

PITH_ELEMENTWISE(reluN1To1_f32, pith::clamp(x, -1.0f, 1.0f))
