#include "../loops/strided.h"

PITH_KERNEL(transpose_f32) { pith::strided(a, begin, end); }
