#pragma once

#include "../config.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

VENV_BEGIN

/// What went wrong, in the few kinds that a caller can tell apart and act on. Stable: values are
/// only ever added.
enum class VENV_API ErrorCode {
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
  interrupted,          ///< `is_cancelled` said so, or a signal came (in `venv::main`)
  python_gone,          ///< an interpreter's link leads to nothing: what it named was removed
};

/// The code as a word: `python-not-found`, `command-failed` …
[[nodiscard]] VENV_API std::string name_of(ErrorCode code);

/// The one exception of this header. `what()` is a single line without a trailing full stop or
/// newline; what to do about it stands apart, in `hint()`.
///
/// A copy shares the detail, which never changes: copying allocates nothing, never throws, and may be
/// done in another thread. This class is append-only: later versions add members, but none is
/// taken away or means something else, and its size stays.
class VENV_API Error : public std::runtime_error {
public:
  /// An error of this kind with this line as its message.
  VENV_INLINE Error(ErrorCode code, const std::string& message);
  ///@{
  /// Shares the detail.
  Error(const Error&) noexcept = default; // moving copies, so that what was moved from stays whole
  Error& operator=(const Error&) noexcept = default;
  ///@}
  ~Error() override = default;

  /// The kind of failure.
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  /// What was being done, such as "link the interpreter"; empty where the message says it all.
  [[nodiscard]] VENV_INLINE const std::string& step() const noexcept;
  /// The file or directory concerned; empty where there is none.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& path() const noexcept;
  /// What the user can do, one sentence or more; may be empty.
  [[nodiscard]] VENV_INLINE const std::string& hint() const noexcept;
  /// What a failed child process printed (stdout and stderr, in order); else empty.
  [[nodiscard]] VENV_INLINE const std::string& output() const noexcept;
  /// Why a system call failed, to be compared with `std::errc`; false where none did.
  [[nodiscard]] VENV_INLINE std::error_code system_error() const noexcept;
  /// What a failed child process exited with; nothing where it was ended by a signal or took too
  /// long, or where none was started.
  [[nodiscard]] VENV_INLINE std::optional<int> exit_code() const noexcept;

  ///@{
  /// The same error with the detail added, for whoever throws. Copies made before don't change.
  VENV_INLINE Error& at(std::string step);
  VENV_INLINE Error& on(std::filesystem::path path);
  VENV_INLINE Error& advise(std::string hint);
  VENV_INLINE Error& printed(std::string output);
  VENV_INLINE Error& caused_by(std::error_code system_error);
  VENV_INLINE Error& exited_with(int exit_code);
  ///@}

private:
  struct Detail;
  VENV_INLINE Detail& renew();

  ErrorCode code_;
  std::shared_ptr<const Detail> detail_;
};

VENV_END
