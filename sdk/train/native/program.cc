#include "program.h"

namespace pith {
namespace {

constexpr uint32_t kMagic = 0x4e545250;  // "PRTN"
constexpr uint32_t kVersion = 1;

class Reader {
 public:
  Reader(const uint8_t *bytes, size_t length) : at_(bytes), left_(length) {}
  uint32_t u32() {
    uint32_t value = 0;
    if (left_ < sizeof value) {
      ok_ = false;
      return 0;
    }
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    left_ -= sizeof value;
    return value;
  }
  int32_t i32() { return static_cast<int32_t>(u32()); }
  // A count of records of at least `bytes` bytes each: never more than the rest can hold.
  uint32_t count(size_t bytes) {
    const uint32_t n = u32();
    if (n > left_ / bytes) ok_ = false;
    return ok_ ? n : 0;
  }
  const char *text(size_t length) {
    const size_t padded = (length + 3) & ~size_t{3};
    if (padded > left_) {
      ok_ = false;
      return "";
    }
    const char *text = reinterpret_cast<const char *>(at_);
    at_ += padded;
    left_ -= padded;
    return text;
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && left_ == 0; }

 private:
  const uint8_t *at_;
  size_t left_;
  bool ok_ = true;
};

uint32_t regionBytes(const Program &p, int32_t region) {
  if (region == static_cast<int32_t>(Region::arena)) return p.arenaBytes;
  if (region == static_cast<int32_t>(Region::state)) return p.stateBytes;
  return p.weightsBytes;
}

std::string readKernels(Reader &in, FindKernel find, std::vector<Kernel> &kernels) {
  for (uint32_t n = in.count(4); n > 0; n--) {
    const uint32_t length = in.u32();
    const char *name = in.text(length);
    if (!in.ok()) break;
    const Kernel kernel = find(name, length);
    if (kernel == nullptr) return "kernel \"" + std::string(name, length) + "\" is not in this build";
    kernels.push_back(kernel);
  }
  return "";
}

std::string readArgs(Reader &in, Program &p, uint32_t n) {
  for (; n > 0 && in.ok(); n--) {
    EncodedArg arg{in.i32(), in.i32(), in.u32()};
    if (arg.tag < 0 || arg.tag > 2) return "argument tag " + std::to_string(arg.tag);
    if (arg.tag == 2 && (arg.value < 0 || arg.value > 2 || arg.offset > regionBytes(p, arg.value)))
      return "address " + std::to_string(arg.offset) + " lies outside region " + std::to_string(arg.value);
    p.args.push_back(arg);
  }
  return "";
}

std::string readSteps(Reader &in, Program &p, const std::vector<Kernel> &kernels) {
  for (uint32_t n = in.count(16); n > 0 && in.ok(); n--) {
    const uint32_t kernel = in.u32();
    if (kernel >= kernels.size()) return "kernel index " + std::to_string(kernel);
    Step step{kernels[kernel], in.i32(), in.i32(), static_cast<uint32_t>(p.args.size()), 0};
    step.args = in.count(12);
    const std::string error = readArgs(in, p, step.args);
    if (!error.empty()) return error;
    p.steps.push_back(step);
  }
  return "";
}

std::string readInputs(Reader &in, Program &p) {
  for (uint32_t n = in.count(16); n > 0 && in.ok(); n--) {
    const int32_t feed = in.i32();
    const Input input{static_cast<Feed>(feed), in.i32(), in.u32(), in.u32()};
    const uint64_t each = input.feed == Feed::gather ? input.sampleBytes : 4;
    const uint64_t bytes = input.feed == Feed::gather || input.feed == Feed::sampleIds ? each * p.batch : each;
    if (feed < 0 || feed > 3) return "feed " + std::to_string(feed);
    if (input.offset + bytes > p.arenaBytes) return "an input lies outside the arena";
    p.inputs.push_back(input);
  }
  for (uint32_t n = in.count(8); n > 0 && in.ok(); n--) {
    const Output output{in.u32(), in.u32()};
    if (output.offset + uint64_t{output.floats} * sizeof(float) > p.arenaBytes) return "an output lies outside the arena";
    p.outputs.push_back(output);
    p.resultFloats += output.floats;
  }
  return "";
}

}  // namespace

std::string decodeProgram(const uint8_t *bytes, size_t length, FindKernel find, Program *program) {
  Reader in(bytes, length);
  Program p;
  if (in.u32() != kMagic || in.u32() != kVersion) return "the first bytes are no program of version 1";
  p.batch = in.u32();
  p.arenaBytes = in.u32();
  p.stateBytes = in.u32();
  p.weightsBytes = in.u32();
  std::vector<Kernel> kernels;
  std::string error = readKernels(in, find, kernels);
  if (error.empty()) error = readSteps(in, p, kernels);
  if (error.empty()) error = readInputs(in, p);
  if (error.empty() && !in.done()) error = "the bytes are truncated or too many";
  if (error.empty()) *program = std::move(p);
  return error;
}

}  // namespace pith
