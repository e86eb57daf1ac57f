// A lowered step graph: what sdk/train/program.ts encodes and the executor runs.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel.h"

namespace pith {

enum class Region : int32_t { arena = 0, state = 1, weights = 2 };

// An argument as encoded. Addresses become pointers once, when the session has its memory.
struct EncodedArg {
  int32_t tag;    // 0 i32, 1 f32, 2 address
  int32_t value;  // i32 value, f32 bits, or Region
  uint32_t offset;
};

struct Step {
  Kernel run;
  int32_t parallel;  // -1: one call with range [0, 1)
  int32_t slices;    // at most this many threads share the step; 1 where it is too small to share
  uint32_t firstArg;
  uint32_t args;
};

enum class Feed : int32_t { gather = 0, sampleIds = 1, step = 2, series = 3 };

// What is written into the arena before each step.
struct Input {
  Feed feed;
  int32_t source;       // gather: data set buffer; series: row of the series array
  uint32_t offset;      // in the arena
  uint32_t sampleBytes; // gather only
};

// Floats in the arena that are copied into the results after each step.
struct Output {
  uint32_t offset;
  uint32_t floats;
};

struct Program {
  uint32_t batch = 0;
  uint32_t arenaBytes = 0, stateBytes = 0, weightsBytes = 0;
  std::vector<EncodedArg> args;
  std::vector<Step> steps;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  size_t resultFloats = 0;  // of one step: the outputs one after the other
};

using FindKernel = Kernel (*)(const char *name, size_t length);

// Returns an empty string, or what is wrong with the bytes. Every offset is checked against its region.
std::string decodeProgram(const uint8_t *bytes, size_t length, FindKernel find, Program *program);

}  // namespace pith
