// What a CPU kernel sees: an argument list and a range. Plain C++, knows nothing of JavaScript.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

namespace pith {

// One kernel argument, as lowered: an address or a number. A null address stands for an absent operand.
struct Arg {
  union {
    const float *f32;
    const int32_t *i32;
    float *out;
    int32_t *out_i32;
    void *address;
    int64_t raw;
  };
  int32_t i;
  float f;
};

// A kernel works on [begin, end) of its parallel dimension; disjoint ranges touch disjoint outputs.
using Kernel = void (*)(const Arg *a, int begin, int end);

struct KernelEntry {
  const char *name;
  Kernel run;
};

// NaN propagates: comparisons are written so that it fails both.
static inline float clamp(float x, float lo, float hi) { return x < lo ? lo : x > hi ? hi : x; }

}  // namespace pith

// PITH_ISA is the namespace of one instruction set's build of all kernels (scripts/build-native.mjs).
#define PITH_KERNEL(name) \
  namespace pith::PITH_ISA { void name(const Arg *a, int begin, int end); } \
  void pith::PITH_ISA::name([[maybe_unused]] const Arg *a, [[maybe_unused]] int begin, [[maybe_unused]] int end)
