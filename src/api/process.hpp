#pragma once

#include "context.hpp"
#include "event.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_BEGIN

/// Which of a child's two outputs.
enum class VENV_API Stream { out, err };

/// What a child reads: nothing, `RunOptions::input`, or what this process would read.
enum class VENV_API RunInput { empty, text, inherited };

/// Which output of a child is given back: both outputs in the order in which they came, each one
/// apart, or none.
enum class VENV_API RunOutput { together, apart, none };

/// How a child runs.
struct VENV_API RunOptions {
  /// Called for each line as it comes, without its newline, from the calling thread. When it throws,
  /// the child is killed and the exception passed on.
  std::function<void(Stream, std::string_view)> on_line{};
  /// Working directory; this process's own when empty.
  std::filesystem::path cwd{};
  /// After this the child is asked to end; 0: no limit.
  std::chrono::milliseconds timeout{0};
  /// How long a child that was asked to end has until it is killed, with all that it started.
  std::chrono::milliseconds grace{1000};
  /// Asked at least every 50 ms, from the calling thread: true asks the child to end.
  std::function<bool()> is_cancelled{};
  /// Told that the program was started, and each second that it runs; by `Environment::install` all that
  /// `Options::on_event` is told there. From the calling thread; when it throws, the child is killed and
  /// the exception passed on.
  std::function<void(const Event&)> on_event{};
  /// Called with each piece of output as it comes, such as a progress bar's.
  std::function<void(Stream, std::string_view)> on_output{};
  RunOutput output = RunOutput::together; ///< what of its output is given back
  RunInput reads = RunInput::empty;       ///< what its standard input is
  /// What the child reads with `RunInput::text`.
  std::string input{};
  /// Variables to set, or to take out, after all that is set for the environment.
  std::vector<std::pair<std::string, std::optional<std::string>>> variables{};
  /// The child installs packages: pip asks nothing, looks for no newer pip, and nothing of the user's
  /// own site-packages counts as installed.
  bool installs = false;
  /// Descriptors of this process that the child gets, under the same numbers. It gets no other.
  std::vector<int> descriptors{};
  /// Error (`command_failed`) when the child doesn't succeed; `false`: `RunResult` tells.
  bool throws = true;
};

/// How a child ended, and what it printed.
struct VENV_API RunResult {
  int exit_code = 0; ///< 128 + the signal when one ended it, 255 when the system lost its status
  int signal = 0;    ///< the signal that ended it, else 0
  bool is_status_known = true; ///< false: the system lost it
  bool timed_out = false;      ///< it was ended for taking longer than `RunOptions::timeout`
  bool cancelled = false;      ///< it was ended because `RunOptions::is_cancelled` said so
  std::string out{};           ///< both outputs with `RunOutput::together`
  std::string err{};           ///< with `RunOutput::apart`
  /// Whether it came to its end by itself, with exit code 0.
  [[nodiscard]] bool succeeded() const {
    return is_status_known && exit_code == 0 && !timed_out && !cancelled;
  }
};

/// Runs a program to its end in the environment: `run_program(context, "pytest", {"-q"})`. A name
/// without a separator is looked for among the environment's programs, then where this process looks
/// for programs; "python" is the environment's Python.
///
/// Arguments are passed as they are, no shell is involved. The child gets this process's variables
/// with `VIRTUAL_ENV` and `VIRTUAL_ENV_PROMPT` set, the environment's programs first on `PATH`, `PIP_USER=0`, and without what
/// would steer it elsewhere: `PYTHONHOME`, `PYTHONPATH`, `PYTHONEXECUTABLE`, `__PYVENV_LAUNCHER__`,
/// `PIP_TARGET`, `PIP_PREFIX`, `PIP_ROOT`, `PIP_PYTHON`. With `on_line` or `on_output` it also gets
/// `PYTHONUNBUFFERED=1` and `PYTHONIOENCODING=utf-8`, unless they are set, so that what it prints
/// arrives as it comes. No other descriptor of this process reaches it. Its exit code is right
/// whatever this process does with SIGCHLD, and its start costs the same in a process of any size.
///
/// It is over when the child itself has ended, though others that it started may still keep its
/// output open. Errors: `command_failed` (with the output, at most its last MiB when it isn't given
/// back) as `RunOptions::throws` says; `io` when it cannot be started or its working directory cannot
/// be entered; `invalid_argument` for an argument or variable with a NUL character, at which it would
/// be cut; `not_an_environment` when `pyvenv.cfg` is missing, as the environment's Python would then
/// be the base Python, and what it installs would change that.
VENV_API RunResult run_program(const Context& context, const std::string& program,
                               const std::vector<std::string>& arguments,
                               const RunOptions& options = {});

/// Runs the environment's Python as `run_program` does: `run(context, {"-m", "pip", "--version"})`.
/// Returns what it printed (`RunResult::out`).
VENV_API std::string run(const Context& context, const std::vector<std::string>& arguments,
                         const RunOptions& options = {});

VENV_END
