#include "../loops/strided.h"

PITH_KERNEL(stridedSlice_f32) { pith::strided(a, begin, end); }
