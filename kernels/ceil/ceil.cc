#include "../loops/elementwise.h"

PITH_ELEMENTWISE(ceil_f32, __builtin_ceilf(x))
