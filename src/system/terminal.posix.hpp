#pragma once

#include "interruption.hpp"
#include "terminal.hpp"

#include <csignal>
#include <cstdlib>

#include <sys/types.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

extern "C" inline void venv_on_interrupt(int signal) {
  interruption.signal = signal;
  for (const std::atomic<long>& place : interruption.children)
    if (const long child = place) ::kill(static_cast<pid_t>(-child), SIGTERM);
}

inline constexpr int interrupting_signals[] = {SIGINT, SIGTERM, SIGHUP};

VENV_INLINE InterruptGuard::InterruptGuard() {
  for (const int signal : interrupting_signals)
    if (std::signal(signal, venv_on_interrupt) == SIG_IGN) std::signal(signal, SIG_IGN); // nohup
}

VENV_INLINE InterruptGuard::~InterruptGuard() {
  for (const int signal : interrupting_signals)
    if (std::signal(signal, SIG_DFL) == SIG_IGN) std::signal(signal, SIG_IGN);
}

[[noreturn]] VENV_INLINE void InterruptGuard::die() {
  const int signal = interruption.signal;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::_Exit(128 + signal);
}

VENV_DETAIL_END
