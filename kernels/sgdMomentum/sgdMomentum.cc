#include "../kernel.h"

// Elements [begin, end), as sgdMomentum.as.ts.
PITH_KERNEL(sgdMomentum_f32) {
  const float *param = a[0].f32, *grad = a[1].f32, *velocity = a[2].f32;
  const float stepSize = a[3].f32[0], momentum = a[6].f, weightDecay = a[7].f;
  float *paramOut = a[4].out, *velocityOut = a[5].out;
  const bool nesterov = a[8].i != 0;
  // Outputs may be inputs at the same index, never at another.
#pragma GCC ivdep
  for (int i = begin; i < end; i++) {
    const float p = param[i];
    const float g = grad[i] + weightDecay * p;
    const float v = momentum * velocity[i] + g;
    velocityOut[i] = v;
    paramOut[i] = p - stepSize * (nesterov ? g + momentum * v : v);
  }
}
