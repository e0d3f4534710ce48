#pragma once

#include "../base/error.hpp"

#include <functional>
#include <utility>

VENV_DETAIL_BEGIN

/// How a call is asked to stop: by a function that says so, from whatever thread asks it. Without one
/// nobody asks. It is asked between steps and, at least every 50 ms, while something is waited for.
class StopRequest {
public:
  StopRequest() = default;
  explicit StopRequest(std::function<bool()> is_made) : is_made_(std::move(is_made)) {}
  bool is_made() const { return is_made_ && is_made_(); }
  /// Throws Error (`interrupted`) when it is made.
  void throw_if_made() const {
    if (is_made()) throw Error(ErrorCode::interrupted, "interrupted");
  }

private:
  std::function<bool()> is_made_{};
};

VENV_DETAIL_END
