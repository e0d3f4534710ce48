#pragma once

#include "../config.hpp"

#include <memory>
#include <string_view>

VENV_DETAIL_BEGIN

// The contract of terminal.posix.hpp and terminal.windows.hpp.

/// Whether what is written to standard error is read by a person.
bool stderr_is_terminal();

/// Whether standard error, else standard output, is a terminal that shows colours; one of Windows is told to.
bool shows_colors(bool of_stderr);

/// Writes UTF-8 text to what a person reads (standard error, else standard output), when that takes
/// other text than bytes; else does nothing and says false.
bool write_to_terminal(bool to_stderr, std::string_view text);

/// While it lives, SIGINT, SIGTERM and SIGHUP call a handler instead of ending the process at once; and
/// writing to a closed pipe (SIGPIPE) or beyond the largest size of files (SIGXFSZ) is an error like
/// others. Then what was set before holds again. For the program only.
class InterruptGuard {
public:
  explicit InterruptGuard(void (*on_interrupt)(int signal));
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  /// Ends this process by the signal, as if it had never been held back.
  [[noreturn]] static void die(int signal);

private:
  struct Handlers;
  std::unique_ptr<Handlers> before_;
};

VENV_DETAIL_END

#if defined(_WIN32)
#include "terminal.windows.hpp"
#else
#include "terminal.posix.hpp"
#endif
