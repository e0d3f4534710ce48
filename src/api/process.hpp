#pragma once

#include "context.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

VENV_BEGIN

/// Which of a child's two outputs.
enum class Stream { out, err };

/// How a child runs. Its standard input is always empty.
struct RunOptions {
  /// Called for each line as it comes, without its newline, from the calling thread.
  std::function<void(Stream, std::string_view)> on_line{};
  /// Working directory; the environment's own where empty.
  std::filesystem::path cwd{};
  /// After this the child and what it started are killed; 0: no limit.
  std::chrono::milliseconds timeout{0};
};

/// Runs the environment's Python: `run(context, {"-m", "pip", "--version"})`. Returns what it
/// printed, both outputs in the order in which they came.
///
/// Arguments are passed as they are, no shell is involved. The child gets this process's environment
/// with `VIRTUAL_ENV` set and without what would steer it elsewhere: `PYTHONHOME`, `PYTHONPATH`,
/// `PYTHONEXECUTABLE`, `__PYVENV_LAUNCHER__`, `PIP_TARGET`, `PIP_PREFIX`, `PIP_ROOT`, `PIP_USER`,
/// `PIP_PYTHON`. Errors: `command_failed` (with the output) where it exits with another code than 0,
/// is killed, or takes too long; `io` where it cannot be started or its working directory cannot be
/// entered; `invalid_argument` where an argument holds a NUL character, at which it would be cut.
std::string run(const Context& context, const std::vector<std::string>& arguments,
                const RunOptions& options = {});

VENV_END
