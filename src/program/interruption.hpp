#pragma once

#include "../config.hpp"

#include <atomic>

VENV_DETAIL_BEGIN

/// The signal that asked this process to end, 0 while there was none. Only an atomic: a signal handler
/// writes it. Below the program nobody reads it: there it is a `StopRequest`.
struct Interruption {
  std::atomic<int> signal{0};
};

inline Interruption interruption;

VENV_INLINE void note_interruption(int signal) { interruption.signal = signal; }

VENV_DETAIL_END
