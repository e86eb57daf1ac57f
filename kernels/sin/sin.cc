#include "../loops/elementwise.h"
#include "../numerics/transcendental.h"

PITH_ELEMENTWISE(sin_f32, pith::sin_scalar(x))
