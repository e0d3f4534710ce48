#pragma once

#include "../api/process.hpp"
#include "../base/function_ref.hpp"
#include "path.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Changes to a child's environment: a value, or nothing to take the variable out.
using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct Command {
  fs::path program;
  std::vector<std::string> arguments; ///< without the program's own name
  Changes environment;
  fs::path cwd; ///< this process's own where empty
  std::chrono::milliseconds timeout{0};
};

struct ExitStatus {
  int code = 0;           ///< what it exited with; 128 + the signal that ended it
  int signal = 0;         ///< the signal that ended it, else 0
  bool timed_out = false; ///< killed after `timeout`
};

/// Runs a program to its end, its standard input empty. Throws Error (`io`) where it can't be
/// started. It leads a process group of its own; the group is killed when the time is over, and
/// (where the system can tell) the program is asked to end when this process dies. `on_output` is
/// called with pieces of output as they come.
ExitStatus run_command(const Command& command, FunctionRef<void(Stream, std::string_view)> on_output);

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include "process.posix.hpp"
#endif
