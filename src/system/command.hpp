#pragma once

#include "../api/process.hpp"
#include "path.hpp"
#include "stop.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Changes to a child's environment: a value, or nothing to take the variable out.
using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// A child's output beyond this is not waited for, where nobody asked for all of it, in bytes.
inline constexpr std::uint64_t most_output = std::uint64_t{16} << 20;

/// What is to be run, and how.
struct Command {
  fs::path program{};
  std::vector<std::string> arguments{}; ///< without the program's own name
  Changes environment{};
  fs::path cwd{}; ///< this process's own when empty
  /// After this the child is asked to end; 0: never.
  std::chrono::milliseconds timeout{0};
  /// A child that has printed something by then, or works, has until this is over; 0: no longer.
  std::chrono::milliseconds busy_timeout{0};
  RunInput input = RunInput::empty;
  std::string input_text{};       ///< with `RunInput::text`
  std::vector<int> descriptors{}; ///< of this process, under the same numbers in the child
  std::uint64_t output_limit = most_output; ///< a child that prints more is ended; 0: none is
  /// How long a child that was asked to end has until it is killed with all that it started.
  std::chrono::milliseconds grace{1000};
  /// How long it is tried to start it, when the system has no room for another process.
  std::chrono::milliseconds patience{std::chrono::seconds(10)};
  StopRequest stop{}; ///< when made, the child is asked to end
};

/// How a child came to its end.
struct ExitStatus {
  int code = 0;                  ///< what it exited with; 128 + the signal that ended it
  int signal = 0;                ///< the signal that ended it, else 0
  bool is_known = true;          ///< false, and `code` is 255, when the system lost its status
  bool timed_out = false;        ///< it was ended after `timeout` or `busy_timeout`
  bool was_busy = false;         ///< with `timed_out`: after `busy_timeout`
  bool cancelled = false;        ///< it was ended because of `stop`
  bool printed_too_much = false; ///< it was ended because of `output_limit`
  bool succeeded() const {
    return is_known && code == 0 && !timed_out && !cancelled && !printed_too_much;
  }
};

VENV_DETAIL_END
