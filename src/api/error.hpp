#pragma once

#include "../config.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

VENV_BEGIN

/// What went wrong, in the few kinds that a caller can tell apart and act on. Stable: values are
/// only ever added.
enum class ErrorCode {
  invalid_argument = 1, ///< a path or option that is refused before anything is touched
  python_not_found,     ///< no base interpreter fits the request
  python_unusable,      ///< not executable, not Python, hangs, crashes, or prints garbage
  python_unsupported,   ///< a Python, but not one that environments can be made of
  not_an_environment,   ///< `clear` would delete what is no environment
  io,                   ///< a system call failed
  command_failed,       ///< a child process (ensurepip, pip) failed; see `Error::output()`
  pip_unavailable,      ///< no wheel of pip and no ensurepip
  bad_archive,          ///< a zip file, wheel or cache entry is damaged or hostile
  busy,                 ///< another process holds the environment for too long
  interrupted,          ///< a signal asked the program to end (only in `venv::main`)
  python_gone,          ///< an interpreter's link leads to nothing: what it named was removed
};

/// The one exception of this header. `what()` is a single line without a trailing full stop or
/// newline; what to do about it stands apart, in `hint()`.
class Error : public std::runtime_error {
public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  /// The kind of failure.
  ErrorCode code() const noexcept { return code_; }
  /// What was being done, such as "link the interpreter"; empty where the message says it all.
  const std::string& step() const noexcept { return step_; }
  /// The file or directory concerned; empty where there is none.
  const std::filesystem::path& path() const noexcept { return path_; }
  /// What the user can do, one sentence or more; may be empty.
  const std::string& hint() const noexcept { return hint_; }
  /// What a failed child process printed (stdout and stderr, in order); else empty.
  const std::string& output() const noexcept { return output_; }

  /// The same error with the detail added; for whoever throws.
  Error& at(std::string step) { return step_ = std::move(step), *this; }
  Error& on(std::filesystem::path path) { return path_ = std::move(path), *this; }
  Error& advise(std::string hint) { return hint_ = std::move(hint), *this; }
  Error& printed(std::string output) { return output_ = std::move(output), *this; }

private:
  ErrorCode code_;
  std::string step_;
  std::filesystem::path path_;
  std::string hint_;
  std::string output_;
};

VENV_END
