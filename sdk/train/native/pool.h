// A fixed set of workers that share one range at a time. Slices depend on the number of threads, results do not:
// kernels promise that disjoint ranges are independent.
#pragma once
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "kernel.h"

namespace pith {

class Pool {
 public:
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }
  // Runs kernel over [0, n) on the caller and at most `slices` - 1 workers; returns when all are done.
  void run(Kernel kernel, const Arg *args, int n, int slices);

 private:
  void work(int index);

  struct Job {
    Kernel kernel = nullptr;
    const Arg *args = nullptr;
    int n = 0;
    int slices = 0;
  };
  Job job_;
  std::atomic<uint32_t> generation_{0};
  std::atomic<int> left_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> workers_;
};

// Worker threads alive in this process, for tests.
int liveWorkers();

}  // namespace pith
