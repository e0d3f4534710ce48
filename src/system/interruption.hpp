#pragma once

#include "../base/error.hpp"

#include <atomic>
#include <string>

VENV_DETAIL_BEGIN

/// The signal that asked this process to end, 0 while there was none. Only an atomic: a signal handler
/// writes it.
struct Interruption {
  std::atomic<int> signal{0};
};

inline Interruption interruption;

/// To be called between steps: whoever interrupts is not kept waiting.
VENV_INLINE void throw_if_interrupted() {
  if (const int signal = interruption.signal)
    throw Error(ErrorCode::interrupted, "interrupted by signal " + std::to_string(signal));
}

VENV_DETAIL_END
