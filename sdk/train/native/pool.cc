#include "pool.h"

#include <algorithm>

namespace pith {
namespace {

std::atomic<int> live{0};

// About 20 us: longer than the gap between two steps, short enough that an idle session costs nothing.
constexpr int kSpins = 2000;

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

int sliceBegin(int n, int slice, int slices) {
  return static_cast<int>(static_cast<int64_t>(n) * slice / slices);
}

}  // namespace

int liveWorkers() { return live.load(); }

Pool::Pool(int threads) {
  for (int i = 1; i < threads; i++) workers_.emplace_back([this, i] { work(i); });
}

Pool::~Pool() {
  stop_.store(true);
  generation_.fetch_add(1);
  generation_.notify_all();
  for (std::thread &worker : workers_) worker.join();
}

void Pool::run(Kernel kernel, const Arg *args, int n, int slices) {
  const int shared = std::min(slices, threads());
  if (shared <= 1 || n <= 1) return kernel(args, 0, n);
  job_ = {kernel, args, n, shared};
  left_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  kernel(args, 0, sliceBegin(n, 1, shared));
  for (int spins = 0; spins < kSpins; spins++) {
    if (left_.load(std::memory_order_acquire) == 0) return;
    pause();
  }
  for (int left = left_.load(std::memory_order_acquire); left != 0; left = left_.load(std::memory_order_acquire))
    left_.wait(left, std::memory_order_acquire);
}

void Pool::work(int index) {
  live.fetch_add(1);
  uint32_t seen = 0;
  for (;;) {
    for (int spins = 0; spins < kSpins && generation_.load(std::memory_order_acquire) == seen; spins++) pause();
    generation_.wait(seen, std::memory_order_acquire);
    seen = generation_.load(std::memory_order_acquire);
    if (stop_.load()) break;
    const Job job = job_;
    if (index < job.slices) job.kernel(job.args, sliceBegin(job.n, index, job.slices), sliceBegin(job.n, index + 1, job.slices));
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) left_.notify_all();
  }
  live.fetch_sub(1);
}

}  // namespace pith
