#include "../loops/reduce.h"

PITH_KERNEL(sum_f32) { pith::reduce(a, a[9].f, begin, end); }
