#include "session.h"

#include <algorithm>

namespace pith {
namespace {

std::atomic<int> live{0};

constexpr size_t kAlign = 64;

size_t aligned(size_t bytes) { return (bytes + kAlign - 1) & ~(kAlign - 1); }

}  // namespace

int liveSessions() { return live.load(); }

Session::Session(Program program, std::span<const uint8_t> weights, std::vector<Source> sources, int threads)
    : program_(std::move(program)), sources_(std::move(sources)), pool_(threads) {
  live.fetch_add(1);
  const size_t arena = aligned(program_.arenaBytes), state = aligned(program_.stateBytes);
  memory_.reset(static_cast<uint8_t *>(std::calloc(arena + state + aligned(program_.weightsBytes) + 2 * kAlign, 1)));
  if (!ok()) return;
  const size_t skew = aligned(reinterpret_cast<uintptr_t>(memory_.get())) - reinterpret_cast<uintptr_t>(memory_.get());
  arena_ = memory_.get() + skew;
  state_ = arena_ + arena;
  weights_ = state_ + state;
  std::copy_n(weights.begin(), std::min<size_t>(weights.size(), program_.weightsBytes), weights_);
  args_.resize(program_.args.size());
  for (size_t i = 0; i < args_.size(); i++) {
    const EncodedArg &from = program_.args[i];
    Arg &to = args_[i];
    to.raw = 0;
    to.i = 0;
    to.f = 0;
    if (from.tag == 0) {
      to.i = from.value;
    } else if (from.tag == 1) {
      std::memcpy(&to.f, &from.value, sizeof to.f);
    } else {
      uint8_t *bases[] = {arena_, state_, weights_};
      to.address = bases[from.value] + from.offset;
    }
  }
}

Session::~Session() { live.fetch_sub(1); }

std::string Session::check(const RunRequest &request) const {
  if (request.indices.size() != size_t{request.steps} * program_.batch)
    return std::to_string(request.indices.size()) + " sample indices, expected " + std::to_string(size_t{request.steps} * program_.batch);
  for (const Input &input : program_.inputs) {
    if (input.feed == Feed::series && request.series.size() < (static_cast<size_t>(input.source) + 1) * request.steps)
      return "series " + std::to_string(input.source) + " has no values";
    if (input.feed != Feed::gather) continue;
    const size_t source = static_cast<size_t>(input.source);
    if (source >= sources_.size() || sources_[source].sampleBytes != input.sampleBytes)
      return "data set buffer " + std::to_string(source) + " does not fit its input";
    const size_t samples = input.sampleBytes == 0 ? 0 : sources_[source].bytes.size() / input.sampleBytes;
    for (const int32_t index : request.indices)
      if (index < 0 || static_cast<size_t>(index) >= samples)
        return "sample " + std::to_string(index) + ", expected 0 to " + std::to_string(samples) + " - 1";
  }
  return "";
}

void Session::fill(const RunRequest &request, uint32_t k) {
  const int32_t *indices = request.indices.data() + size_t{k} * program_.batch;
  for (const Input &input : program_.inputs) {
    uint8_t *to = arena_ + input.offset;
    if (input.feed == Feed::sampleIds) {
      std::memcpy(to, indices, size_t{program_.batch} * sizeof(int32_t));
    } else if (input.feed == Feed::step) {
      const int32_t step = request.firstStep + static_cast<int32_t>(k);
      std::memcpy(to, &step, sizeof step);
    } else if (input.feed == Feed::series) {
      std::memcpy(to, &request.series[static_cast<size_t>(input.source) * request.steps + k], sizeof(float));
    } else {
      const Source &source = sources_[static_cast<size_t>(input.source)];
      for (uint32_t i = 0; i < program_.batch; i++)
        std::memcpy(to + size_t{i} * input.sampleBytes, source.bytes.data() + static_cast<size_t>(indices[i]) * input.sampleBytes, input.sampleBytes);
    }
  }
}

uint32_t Session::run(const RunRequest &request, std::span<float> results, const std::function<void(uint32_t)> &onStep) {
  float *result = results.data();
  uint32_t k = 0;
  for (; k < request.steps && !cancelled.load(std::memory_order_relaxed); k++) {
    fill(request, k);
    for (const Step &step : program_.steps) {
      const Arg *args = args_.data() + step.firstArg;
      if (step.parallel < 0) step.run(args, 0, 1);
      else pool_.run(step.run, args, step.parallel, step.slices);
    }
    for (const Output &output : program_.outputs) {
      std::memcpy(result, arena_ + output.offset, output.floats * sizeof(float));
      result += output.floats;
    }
    onStep(k + 1);
  }
  return k;
}

}  // namespace pith
