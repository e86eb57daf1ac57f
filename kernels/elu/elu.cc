#include "../loops/elementwise.h"
#include "../numerics/transcendental.h"

PITH_ELEMENTWISE(elu_f32, x < 0.0f ? pith::exp_scalar(x) - 1.0f : x)
