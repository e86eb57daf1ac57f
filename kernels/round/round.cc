#include "../loops/elementwise.h"

PITH_ELEMENTWISE(round_f32, __builtin_nearbyintf(x))
