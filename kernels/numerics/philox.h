// Philox4x32-10 and what is drawn from it, operation for operation as philox.as.ts (philox.ts has the source).
#pragma once
#include <cstdint>
#include "transcendental.h"

namespace pith {

struct Words {
  uint32_t w[4];
};

static inline Words philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; round++) {
    const uint64_t product0 = uint64_t{0xd2511f53u} * c0, product1 = uint64_t{0xcd9e8d57u} * c2;
    c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(product1);
    c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(product0);
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  return {{c0, c1, c2, c3}};
}

// 24 bits fit an i32, whose conversion vectorizes where that of a u32 does not.
static inline float uniform(uint32_t word) { return static_cast<float>(static_cast<int32_t>(word >> 8)) * 5.9604644775390625e-8f; }

static inline float gaussianRadius(uint32_t word) {
  return __builtin_sqrtf(-2.0f * log_scalar(static_cast<float>(static_cast<int32_t>(word >> 8) + 1) * 5.9604644775390625e-8f));
}

}  // namespace pith
