#include "../loops/elementwise.h"

PITH_ELEMENTWISE(rsqrt_f32, 1.0f / __builtin_sqrtf(x))
