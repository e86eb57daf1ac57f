#include "../loops/reduce.h"

PITH_KERNEL(mean_f32) { pith::reduce(a, a[9].f, begin, end); }
