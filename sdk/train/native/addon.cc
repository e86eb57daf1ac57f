// The binding: unwraps arguments, owns the sessions of its environment, reports back. Sessions are numbers in
// JavaScript and are closed explicitly; the environment's cleanup hook closes what is left.
#include <napi.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "isa.h"
#include "session.h"

namespace pith {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kProgressEvery = std::chrono::milliseconds(50);  // at most 20 reports a second

struct Handle {
  std::unique_ptr<Session> session;
  std::thread driver;
  bool running = false;
  RunRequest request;
  std::vector<float> results;
  std::atomic<uint32_t> done{0};
  std::unique_ptr<Napi::Promise::Deferred> promise;

  void stop() {
    session->cancelled.store(true);
    if (driver.joinable()) driver.join();
  }
};

struct Environment {
  std::map<uint32_t, std::unique_ptr<Handle>> handles;
  uint32_t next = 1;
};

void closeAll(Environment *environment) {
  for (auto &[id, handle] : environment->handles) handle->stop();
  environment->handles.clear();
}

void raise(Napi::Env env, const std::string &text) { Napi::Error::New(env, text).ThrowAsJavaScriptException(); }

Handle *find(const Napi::CallbackInfo &info) {
  auto *environment = info.Env().GetInstanceData<Environment>();
  const auto found = info[0].IsNumber() ? environment->handles.find(info[0].As<Napi::Number>().Uint32Value()) : environment->handles.end();
  if (found != environment->handles.end()) return found->second.get();
  raise(info.Env(), "native: an unknown session, expected an open one");
  return nullptr;
}

template <typename T>
std::vector<T> copyOf(const Napi::Value &value) {
  const auto array = value.As<Napi::TypedArrayOf<T>>();
  return std::vector<T>(array.Data(), array.Data() + array.ElementLength());
}

std::span<const uint8_t> bytesOf(const Napi::Value &value) {
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ElementLength()};
}

const Isa *isaNamed(const std::string &name) {
  for (int i = 0; i < isaCount; i++)
    if (name == isas[i].name && isas[i].supported()) return &isas[i];
  return nullptr;
}

// decodeProgram takes a plain function: one a table.
thread_local const Isa *decoding = nullptr;

Kernel kernelNamed(const char *name, size_t length) {
  for (int i = 0; i < decoding->count; i++)
    if (std::string_view(name, length) == decoding->kernels[i].name) return decoding->kernels[i].run;
  return nullptr;
}

Napi::Value listIsas(const Napi::CallbackInfo &info) {
  Napi::Array out = Napi::Array::New(info.Env());
  for (int i = 0; i < isaCount; i++)
    if (isas[i].supported()) out.Set(out.Length(), isas[i].name);
  return out;
}

Napi::Value listKernels(const Napi::CallbackInfo &info) {
  Napi::Array out = Napi::Array::New(info.Env());
  for (int i = 0; i < isas[0].count; i++) out.Set(out.Length(), isas[0].kernels[i].name);
  return out;
}

// createSession(program, weights, sources: Uint8Array[], sampleBytes: Uint32Array, threads, isa) → id
Napi::Value createSession(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const Isa *isa = isaNamed(info[5].As<Napi::String>().Utf8Value());
  if (isa == nullptr) return raise(env, "native: an instruction set that this machine does not have"), env.Undefined();
  Program program;
  const std::span<const uint8_t> bytes = bytesOf(info[0]);
  decoding = isa;
  const std::string error = decodeProgram(bytes.data(), bytes.size(), kernelNamed, &program);
  if (!error.empty()) return raise(env, "native program: " + error), env.Undefined();
  const auto buffers = info[2].As<Napi::Array>();
  const std::vector<uint32_t> sampleBytes = copyOf<uint32_t>(info[3]);
  std::vector<Source> sources;
  for (uint32_t i = 0; i < buffers.Length(); i++) sources.push_back({copyOf<uint8_t>(buffers.Get(i)), sampleBytes[i]});
  auto *environment = env.GetInstanceData<Environment>();
  auto handle = std::make_unique<Handle>();
  handle->session = std::make_unique<Session>(std::move(program), bytesOf(info[1]), std::move(sources), info[4].As<Napi::Number>().Int32Value());
  if (!handle->session->ok()) return raise(env, "native program: its regions do not fit in this machine's memory"), env.Undefined();
  environment->handles[environment->next] = std::move(handle);
  return Napi::Number::New(env, environment->next++);
}

// On the JavaScript thread, after the driver has returned.
void finish(Napi::Env env, Handle *handle) {
  handle->driver.join();
  handle->running = false;
  const auto promise = std::move(handle->promise);
  const size_t floats = handle->session->program().resultFloats * handle->done.load();
  auto results = Napi::Float32Array::New(env, floats);
  if (results.IsEmpty() || env.IsExceptionPending()) return;  // the environment is being torn down
  std::copy_n(handle->results.begin(), floats, results.Data());
  promise->Resolve(results);
}

// Runs on the driver thread. A call that answers `napi_closing` means that the environment goes away: nobody waits any
// more, and the function must not be touched again.
void drive(Handle *handle, Napi::ThreadSafeFunction report) {
  Clock::time_point last = Clock::now();
  bool open = true;
  handle->session->run(handle->request, handle->results, [&](uint32_t done) {
    handle->done.store(done);
    if (!open || Clock::now() - last < kProgressEvery) return;
    last = Clock::now();
    open = report.NonBlockingCall([handle](Napi::Env env, Napi::Function progress) {
      progress.Call({Napi::Number::New(env, handle->done.load())});
    }) != napi_closing;
  });
  if (open) open = report.BlockingCall([handle](Napi::Env env, Napi::Function) { finish(env, handle); }) != napi_closing;
  if (open) report.Release();
}

// run(id, steps, firstStep, indices, series, onProgress) → Promise<Float32Array> of the steps done
Napi::Value run(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  Handle *handle = find(info);
  if (handle == nullptr) return env.Undefined();
  if (handle->running) return raise(env, "native: a second run of a session that runs, expected one at a time"), env.Undefined();
  RunRequest request{info[1].As<Napi::Number>().Uint32Value(), info[2].As<Napi::Number>().Int32Value(), copyOf<int32_t>(info[3]), copyOf<float>(info[4])};
  const std::string error = handle->session->check(request);
  if (!error.empty()) return raise(env, "native run: " + error), env.Undefined();
  handle->request = std::move(request);
  handle->results.assign(handle->session->program().resultFloats * handle->request.steps, 0.0f);
  handle->done.store(0);
  handle->session->cancelled.store(false);
  handle->promise = std::make_unique<Napi::Promise::Deferred>(Napi::Promise::Deferred::New(env));
  handle->running = true;
  auto report = Napi::ThreadSafeFunction::New(env, info[5].As<Napi::Function>(), "pith train", 0, 1);
  const Napi::Value promise = handle->promise->Promise();
  handle->driver = std::thread(drive, handle, report);
  return promise;
}

Napi::Value cancel(const Napi::CallbackInfo &info) {
  if (Handle *handle = find(info)) handle->session->cancelled.store(true);
  return info.Env().Undefined();
}

Napi::Value close(const Napi::CallbackInfo &info) {
  Handle *handle = find(info);
  if (handle == nullptr) return info.Env().Undefined();
  if (handle->running) return raise(info.Env(), "native: close of a session that runs, expected its run to be awaited"), info.Env().Undefined();
  info.Env().GetInstanceData<Environment>()->handles.erase(info[0].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

Napi::Value readState(const Napi::CallbackInfo &info) {
  Handle *handle = find(info);
  if (handle == nullptr) return info.Env().Undefined();
  if (handle->running) return raise(info.Env(), "native: the state of a session that runs, expected its run to be awaited"), info.Env().Undefined();
  const std::span<uint8_t> state = handle->session->state();
  auto out = Napi::Uint8Array::New(info.Env(), state.size());
  std::copy(state.begin(), state.end(), out.Data());
  return out;
}

Napi::Value writeState(const Napi::CallbackInfo &info) {
  Handle *handle = find(info);
  if (handle == nullptr) return info.Env().Undefined();
  const std::span<const uint8_t> bytes = bytesOf(info[1]);
  const std::span<uint8_t> state = handle->session->state();
  if (handle->running || bytes.size() != state.size())
    return raise(info.Env(), "native: " + std::to_string(bytes.size()) + " bytes of state, expected " + std::to_string(state.size()) + " and no run"), info.Env().Undefined();
  std::copy(bytes.begin(), bytes.end(), state.begin());
  return info.Env().Undefined();
}

// What is alive in this process: [sessions, worker threads].
Napi::Value counts(const Napi::CallbackInfo &info) {
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("sessions", liveSessions());
  out.Set("workers", liveWorkers());
  return out;
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  auto *environment = new Environment();
  env.SetInstanceData(environment);  // deleted with the environment
  env.AddCleanupHook(closeAll, environment);
  const std::pair<const char *, Napi::Value (*)(const Napi::CallbackInfo &)> table[] = {
      {"isas", listIsas},   {"kernels", listKernels},     {"createSession", createSession}, {"run", run},       {"cancel", cancel},
      {"close", close},     {"readState", readState},     {"writeState", writeState},       {"counts", counts},
  };
  for (const auto &[name, function] : table) exports.Set(name, Napi::Function::New(env, function, name));
  return exports;
}

NODE_API_MODULE(pith, initialize)

}  // namespace
}  // namespace pith
