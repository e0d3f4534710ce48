#pragma once

#include "../base/error.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// How a call is asked to stop: by a function that says so. Without one nobody asks; with one somebody may
/// also want to know which programs are started. It is asked between
/// steps and, at least every 50 ms, while something is waited for, on the thread that the request was
/// made on and no other; workers learn what it said last. Once it has said so, it isn't asked again.
class StopRequest {
public:
  /// Told of each program that is started, and its arguments, on the thread that starts it.
  using Started = std::function<void(const std::vector<std::string>& arguments)>;
  StopRequest() = default;
  explicit StopRequest(std::function<bool()> is_made, Started started = {}) {
    if (is_made) asked_ = std::make_shared<Asked>(std::move(is_made), std::move(started));
  }
  bool is_made() const {
    if (!asked_) return false;
    if (!asked_->answer && std::this_thread::get_id() == asked_->thread) try {
        asked_->answer = asked_->function();
      } catch (...) {
        asked_->answer = true; // for the workers
        throw;
      }
    return asked_->answer;
  }
  bool wants_starts() const { return asked_ && asked_->started; }
  void tell_start(const std::vector<std::string>& arguments) const { asked_->started(arguments); }
  /// Throws Error (`interrupted`) when it is made.
  void throw_if_made() const {
    if (is_made()) throw Error(ErrorCode::interrupted, "interrupted");
  }

private:
  struct Asked {
    Asked(std::function<bool()> is_made, Started on_start)
        : function(std::move(is_made)), started(std::move(on_start)) {}
    std::function<bool()> function;
    Started started;
    std::thread::id thread = std::this_thread::get_id();
    std::atomic<bool> answer{false};
  };
  std::shared_ptr<Asked> asked_{};
};

VENV_DETAIL_END
