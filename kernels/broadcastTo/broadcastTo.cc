#include "../loops/strided.h"

PITH_KERNEL(broadcastTo_f32) { pith::strided(a, begin, end); }
