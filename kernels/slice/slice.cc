#include "../loops/strided.h"

PITH_KERNEL(slice_f32) { pith::strided(a, begin, end); }
