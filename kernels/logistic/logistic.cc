#include "../loops/elementwise.h"
#include "../numerics/transcendental.h"

PITH_ELEMENTWISE(logistic_f32, pith::logistic_scalar(x))
