#include "../loops/elementwise.h"
#include "../numerics/transcendental.h"

PITH_ELEMENTWISE(tanh_f32, pith::tanh_scalar(x))
