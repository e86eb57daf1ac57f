#include "../loops/elementwise.h"
#include "../numerics/transcendental.h"

PITH_ELEMENTWISE(cos_f32, pith::cos_scalar(x))
