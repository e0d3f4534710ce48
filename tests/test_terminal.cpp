#include "system/terminal.hpp"

#include "program/interruption.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace venv::detail;

namespace {

volatile std::sig_atomic_t seen = 0;

extern "C" void note_signal(int signal) { seen = signal; }

} // namespace

TEST_CASE("InterruptGuard: holds signals back, then the host's own handlers are there again") {
  const auto before_int = std::signal(SIGINT, note_signal),
             before_hup = std::signal(SIGHUP, SIG_IGN),
             before_pipe = std::signal(SIGPIPE, note_signal);
  {
    const InterruptGuard guard(note_interruption);
    for (const int signal : {SIGINT, SIGHUP, SIGPIPE}) std::raise(signal);
    CHECK(interruption.signal.load() == SIGINT);
    CHECK(int{seen} == 0);
  }
  interruption.signal = 0;
  std::raise(SIGINT);
  CHECK(int{seen} == SIGINT);
  std::raise(SIGPIPE);
  CHECK(int{seen} == SIGPIPE);
  CHECK((std::signal(SIGHUP, before_hup) == SIG_IGN));
  std::signal(SIGINT, before_int);
  std::signal(SIGPIPE, before_pipe);
}
