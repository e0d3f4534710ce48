#pragma once

#include "terminal.hpp"
#include "variables.hpp"

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <memory>

#include <sys/types.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

VENV_INLINE bool shows_colors(bool of_stderr) {
  return ::isatty(of_stderr ? STDERR_FILENO : STDOUT_FILENO) != 0 &&
         variable("TERM").value_or("dumb") != "dumb";
}

VENV_INLINE bool write_to_terminal(bool, std::string_view) { return false; }

inline constexpr int guarded_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};

struct InterruptGuard::Handlers {
  struct sigaction of[std::size(guarded_signals)];
};

VENV_INLINE InterruptGuard::InterruptGuard(void (*on_interrupt)(int signal))
    : before_(std::make_unique<Handlers>()) {
  for (std::size_t i = 0; i < std::size(guarded_signals); ++i) {
    const int signal = guarded_signals[i];
    struct sigaction& before = before_->of[i];
    struct sigaction now{};
    const bool failure = signal == SIGPIPE || signal == SIGXFSZ;
    now.sa_handler = failure ? SIG_IGN : on_interrupt;
    now.sa_flags = SA_RESTART;
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &now, nullptr); // nohup's stays ignored
  }
}

VENV_INLINE InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(guarded_signals); ++i)
    ::sigaction(guarded_signals[i], &before_->of[i], nullptr);
}

[[noreturn]] VENV_INLINE void InterruptGuard::die(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::_Exit(128 + signal);
}

VENV_DETAIL_END
