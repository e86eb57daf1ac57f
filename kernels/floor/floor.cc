#include "../loops/elementwise.h"

PITH_ELEMENTWISE(floor_f32, __builtin_floorf(x))
