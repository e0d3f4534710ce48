#pragma once

#include "terminal.hpp"
#include "win32.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

VENV_INLINE bool stderr_is_terminal() {
  DWORD mode = 0;
  return ::GetConsoleMode(::GetStdHandle(STD_ERROR_HANDLE), &mode) != 0;
}

VENV_INLINE bool shows_colors(bool of_stderr) {
  constexpr DWORD reads_escapes =
      0x0004; // ENABLE_VIRTUAL_TERMINAL_PROCESSING, not in older headers
  const HANDLE console = ::GetStdHandle(of_stderr ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE);
  DWORD mode = 0;
  return ::GetConsoleMode(console, &mode) != 0 &&
         ((mode & reads_escapes) != 0 || ::SetConsoleMode(console, mode | reads_escapes) != 0);
}

/// A console takes UTF-16, whatever its code page.
VENV_INLINE bool write_to_terminal(bool to_stderr, std::string_view text) {
  const HANDLE console = ::GetStdHandle(to_stderr ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE);
  DWORD mode = 0;
  if (::GetConsoleMode(console, &mode) == 0) return false;
  const std::wstring wide = wide_of(text);
  for (std::size_t at = 0; at < wide.size();) {
    constexpr std::size_t most = 8192; // older consoles take no more at a time
    DWORD written = 0;
    const auto size = static_cast<DWORD>((std::min)(most, wide.size() - at));
    if (::WriteConsoleW(console, wide.data() + at, size, &written, nullptr) == 0 || written == 0)
      return false;
    at += written;
  }
  return true;
}

struct InterruptGuard::Handlers {
  void (*on_interrupt)(int signal);
};

/// Who is told of what the console says; the system calls its handler in a thread of its own.
inline std::atomic<void (*)(int)> console_listener{nullptr};

VENV_INLINE BOOL WINAPI hear_console(DWORD event) {
  void (*const listener)(int) = console_listener;
  if (!listener) return FALSE;
  const bool by_key = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
  listener(by_key ? SIGINT : SIGTERM);
  // A window that is closed ends the process as soon as this returns: what was begun is taken back
  // meanwhile, for as long as the system lets it.
  if (!by_key) ::Sleep(INFINITE);
  return TRUE;
}

VENV_INLINE InterruptGuard::InterruptGuard(void (*on_interrupt)(int signal))
    : before_(std::make_unique<Handlers>(Handlers{console_listener})) {
  console_listener = on_interrupt;
  ::SetConsoleCtrlHandler(hear_console, TRUE);
}

VENV_INLINE InterruptGuard::~InterruptGuard() {
  ::SetConsoleCtrlHandler(hear_console, FALSE);
  console_listener = before_->on_interrupt;
}

[[noreturn]] VENV_INLINE void InterruptGuard::die(int signal) {
  constexpr UINT ended_by_key = 0xC000013A; // STATUS_CONTROL_C_EXIT: what a shell looks for
  ::ExitProcess(signal == SIGINT ? ended_by_key : 128 + static_cast<UINT>(signal));
}

VENV_DETAIL_END
