#include "../loops/elementwise.h"

PITH_ELEMENTWISE(abs_f32, __builtin_fabsf(x))
