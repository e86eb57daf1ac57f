// A program with its memory: runs many steps in one call. Plain C++, knows nothing of JavaScript.
#pragma once
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "pool.h"
#include "program.h"

namespace pith {

// One data set buffer: samples of equal size, one after the other.
struct Source {
  std::vector<uint8_t> bytes;
  uint32_t sampleBytes = 0;
};

struct RunRequest {
  uint32_t steps = 0;
  int32_t firstStep = 0;           // value of the step input at the first step
  std::vector<int32_t> indices;    // [steps, batch]
  std::vector<float> series;       // [rows, steps]
};

class Session {
 public:
  Session(Program program, std::span<const uint8_t> weights, std::vector<Source> sources, int threads);
  ~Session();
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  // False where its memory could not be had: then it must not run.
  bool ok() const { return memory_ != nullptr; }
  // What is wrong with a request, or an empty string.
  std::string check(const RunRequest &request) const;
  // Runs until done or cancelled; returns the steps done. results: [steps, resultFloats]. `onStep` runs after
  // each step on the calling thread.
  uint32_t run(const RunRequest &request, std::span<float> results, const std::function<void(uint32_t)> &onStep);
  std::span<uint8_t> state() { return {state_, program_.stateBytes}; }
  const Program &program() const { return program_; }

  std::atomic<bool> cancelled{false};

 private:
  void fill(const RunRequest &request, uint32_t k);

  Program program_;
  std::vector<Source> sources_;
  struct Free {
    void operator()(uint8_t *memory) const { std::free(memory); }
  };
  std::unique_ptr<uint8_t, Free> memory_;  // zeroed pages come as they are touched
  std::vector<Arg> args_;
  uint8_t *arena_ = nullptr, *state_ = nullptr, *weights_ = nullptr;
  Pool pool_;
};

// Sessions alive in this process, for tests.
int liveSessions();

}  // namespace pith
